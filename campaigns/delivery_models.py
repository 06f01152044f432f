import uuid

from django.contrib.postgres.indexes import BrinIndex
from django.db import models


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
        HOLDOUT = "holdout", "held out, to measure what the campaign does"
        CONTROL = "control", "in the control group that gets no campaigns"
        CAPPED = "capped", "had as many messages lately as the cap allows"
        OUTRANKED = "outranked", "a campaign of higher priority took the last message under the cap"
        CONDITION = "condition", "the condition did not hold at the moment of sending"
        EXITED = "exited", "what the message asks for had happened already"
        LATE = "late", "its time had passed"
        CANCELLED = "cancelled", "the campaign was cancelled"

    class Verdict(models.TextChoices):
        """On one of which is not known whether it went out."""

        LEFT = "left", "left as it is"
        AGAIN = "again", "sent again"

    class Arm(models.TextChoices):
        """How its hour was found."""

        BEST = "best", "the person's best hour"
        FALLBACK = "fallback", "nothing is known of anybody's hours"
        EXPLORED = "explored", "an hour drawn by chance"
        FIXED = "fixed", "the fixed hour, for comparison"

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
    rival_id = models.BigIntegerField(null=True)
    """Of who was outranked: the campaign that took the slot."""
    error = models.TextField(blank=True)
    verdict = models.CharField(max_length=5, choices=Verdict.choices, blank=True, db_default="")
    """Of an unknown one, by the policy or by somebody; empty: nobody decided yet."""
    variant = models.PositiveSmallIntegerField(default=0)
    """The number of the variant; 0: there are none, or the winner is waited for."""
    gets_winner = models.BooleanField(default=False, db_default=False)
    """Its variant was not drawn: it waited for the test, and got what won. The test does not count it."""
    arm = models.CharField(max_length=8, choices=Arm.choices, blank=True)
    context = models.JSONField(default=dict)
    """Of a triggered one, what triggered it."""
    branches = models.JSONField(default=dict)
    """Key of each place where the content parts → the number of the branch taken, the else being the last."""
    fence = models.BigIntegerField(default=0)
    """The transaction id of the claim: a worker whose lease ran out can no longer write."""
    lease_until = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0, db_default=0)
    """How often the channel said that it should be tried again later."""
    planned_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    """Not before; None: it waits for the winner of a test."""
    claimed_at = models.DateTimeField(null=True)
    """When all that speaks against it was asked, and it took its slot under the frequency caps."""
    settled_at = models.DateTimeField(null=True)
    """When it was handed over, or why not was known."""
    delivered_at = models.DateTimeField(null=True)
    """When the mailbox provider took it, where it says so."""
    opened_at = models.DateTimeField(null=True)
    """First open by a person. Mail programs that load pictures by themselves are not counted here."""
    machine_opened_at = models.DateTimeField(null=True)
    clicked_at = models.DateTimeField(null=True)
    """First click by a person."""
    machine_clicked_at = models.DateTimeField(null=True)
    unsubscribed_at = models.DateTimeField(null=True)
    bounced_at = models.DateTimeField(null=True)
    complained_at = models.DateTimeField(null=True)
    converted_at = models.DateTimeField(null=True)
    """First order that is led back to it."""

    class Meta:
        indexes = [
            models.Index(fields=["campaign_id", "state", "due_at"], name="delivery_claim"),  # claims, counts
            models.Index(fields=["campaign_id", "address"], name="delivery_by_address"),  # one mail for one address
            models.Index(fields=["ref"], name="delivery_by_ref"),  # a click
            # Results over all, of some days. Rows lie nearly as they were sent, and it costs sending next to nothing.
            BrinIndex(fields=["settled_at"], name="delivery_by_day", autosummarize=True),
            # What a person was sent lately, for the caps; most rows never go out.
            models.Index(
                fields=["profile_id", "claimed_at"],
                name="delivery_slots",
                condition=models.Q(claimed_at__isnull=False),
            ),
            models.Index(  # the page of those of which nothing is known
                fields=["-settled_at", "-ref"], name="delivery_unknown", condition=models.Q(state="unknown")
            ),
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
