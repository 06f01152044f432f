"""Other systems that are told what happens here: where, what, and each message on its way."""

import uuid

from django.db import models
from django.db.models import Q


class Endpoint(models.Model):
    """An address that somebody else's system listens at."""

    class State(models.TextChoices):
        ON = "on", "On"
        PAUSED = "paused", "Paused"
        """What happens is written down and waits."""
        DISABLED = "disabled", "Switched off"
        """By itself, because it failed for days or said that it is gone. Nothing is written down for it."""

    name = models.CharField(max_length=120, unique=True)
    url = models.TextField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.ON)
    wants = models.JSONField(default=dict)
    """Kind of news → what of it; campaigns/webhooks/wanted.py reads and writes it."""
    secret = models.BinaryField()
    """Sealed (cdp/common/secrets.py)."""
    old_secret = models.BinaryField(null=True)
    old_until = models.DateTimeField(null=True)
    """Until then messages are signed with the secret before this one as well."""
    since_xact = models.BigIntegerField(default=0)
    """What was committed by earlier transactions is not told."""
    failures = models.PositiveIntegerField(default=0)
    """Attempts in a row that failed."""
    failing_since = models.DateTimeField(null=True)
    rests_until = models.DateTimeField(null=True)
    """It asked to be left alone until then."""
    disabled_because = models.CharField(max_length=300, blank=True)
    created_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_constraint=False
    )
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class WebhookMessage(models.Model):
    """One happening told to one endpoint. The row is written with the reader's cursor, so exactly once."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        DELIVERED = "delivered", "Delivered"
        DEAD = "dead", "Given up"

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="messages")
    uid = models.UUIDField(default=uuid.uuid4)
    """What `webhook-id` is made of: the same in every attempt."""
    kind = models.CharField(max_length=40)
    """The `type` of the body."""
    profile_id = models.BigIntegerField(null=True)
    body = models.TextField()
    """Exactly what is posted and signed."""
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    next_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    """While it is posted: who died meanwhile is followed by another after that."""
    fence = models.BigIntegerField(default=0)
    """The transaction id of the claim: a worker whose lease ran out can no longer write."""
    settled_at = models.DateTimeField(null=True)
    """Of the latest attempt."""
    status = models.PositiveSmallIntegerField(null=True)
    """What it was answered; None: nothing."""
    answer = models.CharField(max_length=500, blank=True)
    """The beginning of the answer, or why there was none."""
    took_ms = models.PositiveIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(  # the claim: due and not yet settled
                fields=["endpoint", "next_at", "id"], name="webhook_due", condition=Q(state="waiting")
            ),
            models.Index(fields=["endpoint", "-id"], name="webhook_newest"),  # the endpoint's page
            models.Index(fields=["endpoint", "settled_at", "state"], name="webhook_settled"),  # health of a day
            models.Index(fields=["created_at"], name="webhook_by_age"),  # forgetting
            models.Index(  # erasing a person
                fields=["profile_id"], name="webhook_by_profile", condition=Q(profile_id__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.kind

    @property
    def webhook_id(self) -> str:
        return f"msg_{self.uid.hex}"


class MailHappened(models.Model):
    """What became of a message to a person, for endpoints that want to know. A queue with one reader: a row is deleted
    in the transaction that makes messages of it, and none is written while nobody wants any."""

    profile_id = models.BigIntegerField()
    record_id = models.BigIntegerField(null=True)
    what = models.CharField(max_length=20)
    """A key of campaigns.webhooks.kinds.DELIVERIES."""
    delivery = models.UUIDField()
    campaign_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    about = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.what
