"""Tables of what people ask for: to see what is known of them, to be erased; and of how long things are kept."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from cdp.accounts.models import User
from cdp.common.models import Job


class ErasureKey(models.Model):
    """What the fingerprints of erased identifiers are made with: random, sealed with ENCRYPTION_KEYS.

    A key of its own, so that replacing SECRET_KEY forgets nobody. More than one only where a backup brought another.
    """

    sealed = models.BinaryField()
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"key {self.pk}"


class PrivacyRequest(models.Model):
    """Somebody asked for what is known of them, or to be erased. Nothing in it says who, once it is done."""

    class Kind(models.TextChoices):
        EXPORT = "export", "Copy of everything"
        ERASE = "erase", "Erasure"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True)
    kind = models.CharField(max_length=6, choices=Kind.choices)
    job = models.OneToOneField(Job, on_delete=models.PROTECT, related_name="privacy_request")
    sealed = models.BinaryField(null=True)
    """Whom it is about, encrypted, until it is done: the work needs it after the rows are gone."""
    profile_ids = ArrayField(models.BigIntegerField(), default=list)
    """The numbers that an erased person had, so that what a long job writes late is found and goes too."""
    counts = models.JSONField(default=dict)
    """Table or place → rows."""
    file = models.CharField(max_length=200, blank=True)
    """The folder of an export under MEDIA_ROOT; empty once it is gone."""
    expires_at = models.DateTimeField(null=True)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+", db_constraint=False)
    via = models.CharField(max_length=80)
    """`page`, or `API token <name>`, `restore`."""
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["-at", "-id"], name="privacyrequest_newest")]  # the page

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"


class Erased(models.Model):
    """An identifier of somebody who was erased, as a fingerprint: enough to know it again, not enough to read it."""

    namespace = models.CharField(max_length=60)
    print = models.CharField(max_length=64)
    """HMAC-SHA-256 under the key."""
    key = models.ForeignKey(ErasureKey, on_delete=models.PROTECT, related_name="+")
    request_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    refused = models.BigIntegerField(default=0)
    """Messages, words and rows that came since and were not taken in."""
    refused_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["print", "namespace"], name="erased_print")]
        indexes = [models.Index(fields=["request_id"], name="erased_by_request")]  # the page, lifting

    def __str__(self) -> str:
        return self.namespace


class Refusal(models.Model):
    """Something that came about somebody erased and was not taken in: added up at night, so that nobody who takes in
    messages waits for another."""

    erased_id = models.BigIntegerField()
    n = models.IntegerField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["erased_id"], name="refusal_by_erased")]  # the request's page

    def __str__(self) -> str:
        return f"{self.erased_id}: {self.n}"


class Retention(models.Model):
    """How long something is kept. What has no row is kept for ever."""

    class What(models.TextChoices):
        EVENT = "event", "Events"
        ANONYMOUS = "anonymous", "Anonymous people who are silent"
        HITS = "hits", "Opens and clicks"
        QUARANTINE = "quarantine", "Quarantine"

    what = models.CharField(max_length=10, choices=What.choices)
    name = models.CharField(max_length=200, blank=True)
    """The event's name; empty: all events that have no rule of their own."""
    days = models.PositiveIntegerField(null=True)
    """None: for ever, whatever the rule for all says."""
    changed_at = models.DateTimeField()
    deleted = models.BigIntegerField(default=0)
    """Rows that went because of it, in all."""
    ran_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["what", "name"], name="retention_once")]

    def __str__(self) -> str:
        return f"{self.what} {self.name}"


class AnalysisExport(models.Model):
    """Events and people under made-up names, for analysis elsewhere."""

    job = models.OneToOneField(Job, on_delete=models.PROTECT, related_name="analysis_export")
    options = models.JSONField()
    """As cdp.events.analysis reads it."""
    sealed_key = models.BinaryField(null=True)
    """What its pseudonyms are made with; none once it is done, unless it was to be kept."""
    keeps_key = models.BooleanField(default=False)
    folder = models.CharField(max_length=200, blank=True)
    expires_at = models.DateTimeField(null=True)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+", db_constraint=False)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["-id"], name="analysisexport_newest")]  # the page

    def __str__(self) -> str:
        return f"analysis export {self.pk}"
