from django.db import models

from campaigns.account_models import Account
from campaigns.check_models import Check, CheckLot, CheckMark
from campaigns.content_models import Seed, Template, TemplateVersion
from campaigns.conversion_models import Conversion
from campaigns.decision_models import Decision
from campaigns.delivery_models import Delivery, MailboxMessage
from campaigns.feed_models import Feed
from campaigns.goal_models import Goal, GoalSample
from campaigns.offer_models import Offer, OfferCode, OfferRedemption
from campaigns.plan_models import ControlDraw, PlanLot
from campaigns.policy_models import FrequencyCap, SendingPolicy
from campaigns.rate_models import RateBucket
from campaigns.sender_models import DomainKey, Sender, SenderDomain
from campaigns.tracking_models import Bounce, Hit
from campaigns.trigger_models import Listening, Triggered
from campaigns.variant_models import Variant
from campaigns.visitor_models import ConfirmationMail
from campaigns.webhook_models import Endpoint, MailHappened, WebhookMessage

__all__ = [
    "Account",
    "Bounce",
    "Campaign",
    "Check",
    "CheckLot",
    "CheckMark",
    "ConfirmationMail",
    "ControlDraw",
    "Conversion",
    "Decision",
    "Delivery",
    "DomainKey",
    "Endpoint",
    "Feed",
    "FrequencyCap",
    "Goal",
    "GoalSample",
    "Hit",
    "Listening",
    "MailHappened",
    "MailboxMessage",
    "Offer",
    "OfferCode",
    "OfferRedemption",
    "PlanLot",
    "RateBucket",
    "Seed",
    "Sender",
    "SenderDomain",
    "SendingPolicy",
    "Template",
    "TemplateVersion",
    "Triggered",
    "Variant",
    "WebhookMessage",
]


class Campaign(models.Model):
    """What is said to whom and when: once, again and again, or whenever something happens."""

    class Kind(models.TextChoices):
        ONCE = "once", "Once"
        RECURRING = "recurring", "Again and again"
        TRIGGERED = "triggered", "When something happens"

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        WAITING = "waiting", "Waits for approval"
        SCHEDULED = "scheduled", "Scheduled"
        SENDING = "sending", "Sending"
        """Of a recurring or triggered campaign: it is on."""
        PAUSED = "paused", "Paused"
        SENT = "sent", "Sent"
        CANCELLED = "cancelled", "Cancelled"

    class Timing(models.TextChoices):
        NOW = "now", "As soon as it is started"
        AT = "at", "At one moment"
        LOCAL = "local", "At one hour of each person's own clock"
        BEST_HOUR = "best_hour", "At each person's best hour"

    class Decision(models.TextChoices):
        """What a test is decided on."""

        CLICKS = "clicks", "Clicks"
        CONVERSIONS = "conversions", "Orders"

    name = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.ONCE)
    template = models.ForeignKey(Template, on_delete=models.PROTECT, related_name="campaigns")
    version = models.ForeignKey(TemplateVersion, null=True, on_delete=models.PROTECT, related_name="campaigns")
    """The content as it was when the campaign was started: what is sent, whatever is edited since."""
    included = models.ManyToManyField("segments.Segment", related_name="campaigns", blank=True)
    """Whoever is in one of these (without any: everybody), without those of `excluded`, and of these only those for
    whom `rule` holds: target.py."""
    excluded = models.ManyToManyField("segments.Segment", related_name="campaigns_without", blank=True)
    rule = models.JSONField(null=True)
    topic = models.ForeignKey("privacy.Topic", null=True, on_delete=models.PROTECT, related_name="campaigns")
    """Who did not grant its consent is skipped; without a topic the mail is a service message."""
    purpose = models.ForeignKey("privacy.Purpose", null=True, on_delete=models.PROTECT, related_name="campaigns")
    """Of a mail without topic: who did not grant this use of their data is skipped too."""
    sender = models.CharField(max_length=200)
    account = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="campaigns")
    """What takes the messages; None: the local mailbox."""
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)

    priority = models.PositiveSmallIntegerField(default=50)
    """0 to 100: who of several campaigns gets the last slot under a cap. The higher."""
    is_capped = models.BooleanField(default=True)
    """Frequency caps hold for it, and it counts towards them."""
    keeps_quiet = models.BooleanField(default=True)
    """Waits while it is night at the person's place."""
    holdout_percent = models.PositiveSmallIntegerField(default=0)
    """Of its audience, who get nothing so that its effect can be measured."""

    timing = models.CharField(max_length=10, choices=Timing.choices, default=Timing.NOW)
    send_at = models.DateTimeField(null=True)
    """The moment; of LOCAL and BEST_HOUR the first day, on the deployment's clock."""
    local_time = models.TimeField(null=True)
    """Of LOCAL: on each person's own clock."""
    window_from = models.PositiveSmallIntegerField(default=8)
    window_until = models.PositiveSmallIntegerField(default=21)
    """Of BEST_HOUR: from this hour until before that one."""
    fallback_hour = models.PositiveSmallIntegerField(default=10)
    """Of BEST_HOUR: for people of whom nothing is known, and for the control."""
    explore_percent = models.PositiveSmallIntegerField(default=10)
    """Of BEST_HOUR: who get an hour drawn by chance, so that something is learned."""
    fixed_hour_percent = models.PositiveSmallIntegerField(default=0)
    """Of BEST_HOUR: who get it at the fallback hour, to see what the best hour is worth."""
    cron = models.CharField(max_length=100, blank=True)
    """Of a recurring one: five fields, in the deployment's time zone."""
    next_at = models.DateTimeField(null=True)
    """When it is planned next; of a scheduled or a recurring one."""
    ends_at = models.DateTimeField(null=True)
    """A recurring or triggered one plans nobody after that."""

    trigger = models.JSONField(default=dict, blank=True)
    """What starts it for a person; docs/triggers.md."""
    delay_s = models.PositiveIntegerField(default=0)
    condition = models.JSONField(null=True)
    """A rule that must hold at the moment of sending."""
    exit = models.JSONField(null=True)
    """Who has no need of the message any more at the moment of sending: {"since_trigger": [events], "rule": …}."""
    reentry_days = models.PositiveSmallIntegerField(null=True)
    """After how many days a person may be triggered anew; None: never, 0: each time."""

    test_percent = models.PositiveSmallIntegerField(default=100)
    """Of the audience, who get a variant by chance at once; the others wait for the winner."""
    decide_after_h = models.PositiveSmallIntegerField(default=24)
    decides_on = models.CharField(max_length=12, choices=Decision.choices, default=Decision.CLICKS)
    winner = models.PositiveSmallIntegerField(null=True)
    """The number of the variant that the others got."""

    conversion_days = models.PositiveSmallIntegerField(null=True)
    """An order so long after a click is led back to it; None: as the policy says."""
    cost = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    """Of making it, in the reporting currency."""
    message_cost = models.DecimalField(max_digits=12, decimal_places=6, null=True)
    """Of one message, as it was when the campaign was started."""
    adds_utm = models.BooleanField(default=True)
    utm = models.JSONField(default=dict, blank=True)
    """source, medium, campaign, content: where they differ from what is made of names."""

    created_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_constraint=False
    )
    created_at = models.DateTimeField()
    asked_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_constraint=False
    )
    """Who asked for approval."""
    asked_at = models.DateTimeField(null=True)
    asked_for = models.CharField(max_length=64, blank=True)
    """What approval was asked for, as verbs/standing.py says it in a fingerprint: a change asks anew."""
    approved_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_constraint=False
    )
    approved_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["state"], name="campaign_by_state")]  # the sending loop

    def __str__(self) -> str:
        return self.name
