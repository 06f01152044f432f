from django.db import models
from django.db.models.expressions import RawSQL

from cdp.privacy.request_models import AnalysisExport, Erased, ErasureKey, PrivacyRequest, Refusal, Retention

__all__ = [
    "AnalysisExport",
    "Consent",
    "ConsentPrompt",
    "Erased",
    "ErasureKey",
    "OptIn",
    "PrivacyRequest",
    "Purpose",
    "Refusal",
    "Retention",
    "Suppression",
    "Topic",
]


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
    data_used = models.TextField(blank=True)
    """What is used for it and how, said to the people it is about: on the page where they choose."""

    def __str__(self) -> str:
        return self.name


class Topic(models.Model):
    """A subject people subscribe to or leave: newsletter, back in stock, birthday."""

    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    purpose = models.ForeignKey(Purpose, on_delete=models.PROTECT, related_name="topics")
    is_offered = models.BooleanField(default=True)
    """People can choose it themselves: on the page of their choices and on the sign-up page."""
    needs_confirmation = models.BooleanField(default=False)
    """Double opt-in: a yes that a browser or a form sends counts once its owner confirmed the address."""

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


class OptIn(models.Model):
    """Somebody asked for a topic in the name of an address; it counts once the owner of the address confirms it."""

    namespace = models.CharField(max_length=60)
    value = models.TextField()
    topic = models.CharField(max_length=60)
    asked_at = models.DateTimeField()
    """When it was asked last."""
    source_id = models.BigIntegerField(null=True)
    how = models.CharField(max_length=200)
    """`tracking`, `sign-up page`."""
    is_due = models.BooleanField(default=True)
    """The address is to be asked."""
    mailed_at = models.DateTimeField(null=True)
    mails = models.PositiveSmallIntegerField(default=0)
    """Sent since the last answer: nobody is asked without end."""
    error = models.TextField(blank=True)
    """Why the last mail could not be sent."""
    confirmed_at = models.DateTimeField(null=True)
    declined_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["namespace", "value", "topic"], name="opt_in_address")]
        indexes = [models.Index(fields=["asked_at"], condition=models.Q(is_due=True), name="opt_in_due")]  # who to ask

    def __str__(self) -> str:
        return f"{self.namespace} {self.topic}"


class ConsentPrompt(models.Model):
    """What visitors of the shop's pages are asked before anything is recorded. One row; read it with prompt.prompt."""

    class Position(models.TextChoices):
        LEFT = "left", "Bottom left"
        RIGHT = "right", "Bottom right"
        BOTTOM = "bottom", "Along the bottom"

    title = models.CharField(max_length=80, default="May we use what you do here?")
    text = models.TextField(
        default="We would like to remember what you look at, to show you what suits you. You can change your mind"
        " whenever you like."
    )
    accept = models.CharField("Button that says yes to all", max_length=30, default="Yes, that is fine")
    refuse = models.CharField("Button that says no to all", max_length=30, default="No, thank you")
    choose = models.CharField("Button that shows the purposes", max_length=30, default="Let me choose")
    more_url = models.URLField("Address of your privacy notice", blank=True)
    position = models.CharField(max_length=6, choices=Position.choices, default=Position.RIGHT)
    purposes = models.ManyToManyField(Purpose, blank=True, related_name="+")

    def __str__(self) -> str:
        return self.title
