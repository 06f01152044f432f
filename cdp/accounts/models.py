from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models


class UserQuerySet(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, *, name: str = "") -> "User":
        user = self.model(email=self.normalize_email(email).lower(), name=name)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who works here. The role is a Django group: Admin, Marketer, Steward or Viewer."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=150, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = False
    time_zone = models.CharField(max_length=64, blank=True)
    start_hidden_at = models.DateTimeField(null=True)
    """When they put the list of first steps away; null shows it until all is done."""
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserQuerySet] = UserQuerySet()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    def __str__(self) -> str:
        return self.name or self.email

    def may(self, permission: str) -> bool:
        """Permissions stand in cdp/accounts/roles.py."""
        return self.has_perm(f"accounts.{permission}")

    @property
    def role_label(self) -> str:
        return ", ".join(group.name for group in self.groups.all()) or "No role"


class Source(models.Model):
    """Where data comes from: a site, an app, a server, a shop system, an import."""

    class Kind(models.TextChoices):
        WEB = "web", "Website"
        MOBILE = "mobile", "Mobile app"
        SERVER = "server", "Server"
        SHOP = "shop", "Shop system"
        CRM = "crm", "CRM"
        IMPORT = "import", "File import"
        INTERNAL = "internal", "Tributary itself"

    class Plan(models.TextChoices):
        OFF = "off", "Not checked"
        WARN = "warn", "Warn"
        REJECT = "reject", "Reject"

    name = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.SERVER)
    trust_rank = models.PositiveSmallIntegerField(default=50)
    """Lower is trusted more, where sources disagree about a trait."""
    plan = models.CharField(max_length=6, choices=Plan.choices, default=Plan.OFF)
    """What happens to events that break the tracking plan."""
    events_per_s = models.PositiveIntegerField(default=0)
    """Rate limit; 0 takes the deployment's default."""
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class WriteKey(models.Model):
    """A key a source sends with. Only its SHA-256 is kept: it has 128 bits of randomness or more."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="keys")
    hash = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=8)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.source} …{self.hint}"


class ApiToken(models.Model):
    name = models.CharField(max_length=120)
    hash = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=8)
    scopes = ArrayField(models.CharField(max_length=40))
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class Invitation(models.Model):
    email = models.EmailField()
    role = models.CharField(max_length=20)
    hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.email


class UserSession(models.Model):
    """One signed-in browser, so that a person can see and end it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sessions")
    session_key = models.CharField(max_length=40, unique=True)
    user_agent = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.user_agent


class AuditEntry(models.Model):
    """Who did what, when. Append-only."""

    at = models.DateTimeField(db_index=True)  # the audit page, newest first
    actor = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    actor_name = models.CharField(max_length=150)
    verb = models.CharField(max_length=60)
    target = models.CharField(max_length=200)
    details = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.actor_name} {self.verb} {self.target}"
