from django.db import models
from django.db.models.expressions import RawSQL


class Purpose(models.Model):
    """What personal data may be used for: analytics, advertising, e-mail marketing …"""

    class WithoutConsent(models.TextChoices):
        ACCEPT = "accept", "Take the event in anyway"
        STRIP = "strip", "Take it in without what identifies the person"
        REFUSE = "refuse", "Refuse the event"

    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    when_denied = models.CharField(max_length=6, choices=WithoutConsent.choices, default=WithoutConsent.ACCEPT)
    """What ingestion does with an event whose sender denied this purpose."""
    is_denied_by_gpc = models.BooleanField(default=False)
    """Global Privacy Control in the request counts as a denial of this purpose."""

    def __str__(self) -> str:
        return self.name


class Topic(models.Model):
    """A subject people subscribe to or leave: newsletter, back in stock, birthday."""

    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    purpose = models.ForeignKey(Purpose, on_delete=models.PROTECT, related_name="topics")

    def __str__(self) -> str:
        return self.name


class Consent(models.Model):
    """What an address (or another identifier) said about a purpose or topic: the newest word counts.

    Keyed by address, not by profile: it stays right through merges. A row is a stretch of the same word; one
    that is repeated only moves `last_at`, because trackers repeat it with every event.
    """

    namespace = models.CharField(max_length=60)
    value = models.TextField()
    purpose = models.CharField(max_length=60)
    topic = models.CharField(max_length=60, blank=True)
    is_granted = models.BooleanField()
    at = models.DateTimeField()
    last_at = models.DateTimeField()
    """When it was last repeated: the row with the latest is the current word."""
    source_id = models.BigIntegerField(null=True)
    how = models.CharField(max_length=200)
    """`tracking`, `gpc`, `import:<job>`, `preference page`, `unsubscribe`, `user:<id>`."""
    xact_id = models.BigIntegerField(db_default=RawSQL("(pg_current_xact_id()::text::bigint)", []))
    """The transaction that made it the current word, for readers of news; 0 if it never was that."""

    class Meta:
        indexes = [
            models.Index(fields=["xact_id", "id"], name="consent_news"),  # the readers' cursor
            models.Index(  # the newest word of an address about a purpose
                fields=["namespace", "value", "purpose", "topic", "-at"], name="consent_newest"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.namespace} {self.purpose}"


class Suppression(models.Model):
    """An address that must not be written to, whatever anyone consented to."""

    class Reason(models.TextChoices):
        MANUAL = "manual", "Added by hand"
        IMPORT = "import", "Imported"
        UNSUBSCRIBE = "unsubscribe", "Unsubscribed from everything"
        BOUNCE = "bounce", "Address bounced"
        COMPLAINT = "complaint", "Marked as spam"
        ERASED = "erased", "Asked to be erased"

    namespace = models.CharField(max_length=60)
    value = models.TextField()
    reason = models.CharField(max_length=12, choices=Reason.choices)
    note = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["namespace", "value"], name="suppression_address")]

    def __str__(self) -> str:
        return f"{self.namespace}"
