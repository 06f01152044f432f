import uuid

from django.db import models

from campaigns.check_models import Check, CheckLot, CheckMark
from campaigns.content_models import Seed, Template, TemplateVersion
from campaigns.feed_models import Feed
from campaigns.offer_models import Offer, OfferCode, OfferRedemption

__all__ = [
    "Campaign",
    "Check",
    "CheckLot",
    "CheckMark",
    "Delivery",
    "Feed",
    "MailboxMessage",
    "Offer",
    "OfferCode",
    "OfferRedemption",
    "Seed",
    "Template",
    "TemplateVersion",
]


class Campaign(models.Model):
    """One mail to one audience."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        SENDING = "sending", "Sending"
        SENT = "sent", "Sent"

    name = models.CharField(max_length=120, unique=True)
    template = models.ForeignKey(Template, on_delete=models.PROTECT, related_name="campaigns")
    version = models.ForeignKey(TemplateVersion, null=True, on_delete=models.PROTECT, related_name="campaigns")
    """The content as it was when the campaign was started: what is sent, whatever is edited since."""
    segment = models.ForeignKey("segments.Segment", on_delete=models.PROTECT, related_name="campaigns")
    topic = models.ForeignKey("privacy.Topic", null=True, on_delete=models.PROTECT, related_name="campaigns")
    """Who did not grant its consent is skipped; without a topic the mail is a service message."""
    sender = models.CharField(max_length=200)
    channel = models.CharField(max_length=20, default="mailbox")
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    created_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_constraint=False
    )
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["state"], name="campaign_by_state")]  # the sending loop

    def __str__(self) -> str:
        return self.name


class Delivery(models.Model):
    """The ledger: one outbound message to one person."""

    class State(models.TextChoices):
        PLANNED = "planned", "Planned"
        CLAIMED = "claimed", "Being prepared"
        HANDING = "handing", "Being handed over"
        ACCEPTED = "accepted", "Delivered"
        FAILED = "failed", "Failed"
        UNKNOWN = "unknown", "Not known"
        SKIPPED = "skipped", "Skipped"

    class Reason(models.TextChoices):
        """Why nothing was sent."""

        NO_ADDRESS = "no_address", "no e-mail address"
        SAME_ADDRESS = "same_address", "another person in the audience has the same address"
        SUPPRESSED = "suppressed", "the address is suppressed"
        NO_CONSENT = "no_consent", "no consent to this topic"
        MERGED = "merged", "merged into another profile, which gets it"
        CONTENT = "content", "the content could not be made for this person"

    pk = models.CompositePrimaryKey("profile_id", "campaign_id", "occurrence")
    profile_id = models.BigIntegerField()
    campaign_id = models.BigIntegerField()
    occurrence = models.CharField(max_length=200)
    """The schedule's slot, or the message id of the trigger."""
    ref = models.UUIDField(default=uuid.uuid4)
    """Names the delivery in links and headers."""
    address = models.TextField(blank=True)
    record_id = models.BigIntegerField(null=True)
    """The record the address came from."""
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLANNED)
    reason = models.CharField(max_length=20, blank=True)
    error = models.TextField(blank=True)
    branches = models.JSONField(default=dict)
    """Key of each place where the content parts → the number of the branch taken, the else being the last."""
    fence = models.BigIntegerField(default=0)
    """The transaction id of the claim: a worker whose lease ran out can no longer write."""
    lease_until = models.DateTimeField(null=True)
    planned_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    clicked_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["campaign_id", "state", "profile_id"], name="delivery_claim"),  # claims, counts
            models.Index(fields=["ref"], name="delivery_by_ref"),  # a click
        ]

    def __str__(self) -> str:
        return str(self.ref)


class MailboxMessage(models.Model):
    """What the local mailbox channel was handed, as it would have gone out."""

    ref = models.UUIDField(primary_key=True)
    profile_id = models.BigIntegerField()
    record_id = models.BigIntegerField(null=True)
    """The record the address came from."""
    campaign_id = models.BigIntegerField(null=True)
    """None: a test of a template or module."""
    recipient = models.TextField()
    subject = models.TextField()
    source = models.BinaryField()
    is_test = models.BooleanField(default=False)
    note = models.CharField(max_length=200, blank=True)
    """Of a test: as whom, and through which branches."""
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["-at", "-ref"], name="mailbox_newest"),  # the mailbox page
            models.Index(fields=["campaign_id", "-at", "-ref"], name="mailbox_of_campaign"),  # … of one campaign
            models.Index(fields=["-at", "-ref"], condition=models.Q(is_test=True), name="mailbox_tests"),  # … tests
        ]

    def __str__(self) -> str:
        return self.subject
