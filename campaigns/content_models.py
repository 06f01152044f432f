from django.db import models


class Template(models.Model):
    """Content that is worked on in the editor: the mail of a campaign, a template to start from, or a module."""

    class Kind(models.TextChoices):
        MAIL = "mail", "Mail of a campaign"
        SAVED = "saved", "Template"
        MODULE = "module", "Module"

    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.MAIL)
    content = models.JSONField()
    """As docs/content.md describes it. A draft may hold mistakes: only what is sent must have none."""
    revision = models.PositiveIntegerField(default=1)
    """Counts saves: who saves names the revision changed, and does not undo what another saved since."""
    created_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_constraint=False
    )
    changed_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_constraint=False
    )
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["kind", "-changed_at", "-id"], name="template_newest")]  # the library
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "name"],
                condition=~models.Q(kind="mail") & models.Q(archived_at=None),
                name="template_name",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def subject(self) -> str:
        """What most people read; Liquid."""
        subject = self.content.get("subject", "")
        return str(subject.get("else", "") if isinstance(subject, dict) else subject)


class TemplateVersion(models.Model):
    """Content as it was at a moment somebody kept, or that was sent."""

    class Kind(models.TextChoices):
        SITTING = "sitting", "Kept by itself"
        NAMED = "named", "Kept by name"
        SENT = "sent", "As it was sent"

    template = models.ForeignKey(Template, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.SITTING)
    content = models.JSONField()
    modules = models.JSONField(default=dict)
    """Of one that was sent: the content of the modules it named, by their ids."""
    note = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_constraint=False)
    begun_at = models.DateTimeField()
    """The first save of a sitting: the next ones go into the same version."""
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["template", "number"], name="template_version")]

    def __str__(self) -> str:
        return f"{self.template_id}/{self.number}"


class Seed(models.Model):
    """An address of our own that gets every variant and branch before people do."""

    address = models.EmailField(unique=True)
    name = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.address
