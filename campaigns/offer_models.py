from datetime import datetime

from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper


class Offer(models.Model):
    """Something for the person: a discount, free delivery, a gift. For whom, until when, and how many."""

    class Kind(models.TextChoices):
        PERCENT = "percent", "Percent off"
        AMOUNT = "amount", "Amount off"
        DELIVERY = "delivery", "Free delivery"
        GIFT = "gift", "A gift"
        OTHER = "other", "Something else"

    class Codes(models.TextChoices):
        NONE = "none", "No code"
        SHARED = "shared", "One code for everybody"
        GENERATED = "generated", "A code of one's own, made here"
        UPLOADED = "uploaded", "A code of one's own, from a list"

    key = models.SlugField(max_length=60, unique=True)
    """Content names it by this."""
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    value = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    """Percent, or an amount in `currency`."""
    currency = models.CharField(max_length=3, blank=True)
    terms = models.TextField(blank=True)
    url = models.URLField(max_length=500, blank=True)
    rule = models.JSONField(null=True)
    """Who may have it, as cdp.rules reads it; None: everybody."""
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    days_valid = models.PositiveIntegerField(null=True)
    """A code of one's own ends so many days after it was given, or at `ends_at` if that is sooner."""
    codes = models.CharField(max_length=10, choices=Codes.choices)
    shared_code = models.CharField(max_length=60, blank=True)
    code_prefix = models.CharField(max_length=20, blank=True)
    code_length = models.PositiveSmallIntegerField(default=10)
    """Of the part that is made by chance, after the prefix."""
    most_given = models.PositiveIntegerField(null=True)
    most_per_person = models.PositiveIntegerField(null=True)
    most_spent = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    """Once orders with it took off so much, no more are given. In the reporting currency, as orders are counted."""
    is_for_best = models.BooleanField(default=False)
    """Whether it may be picked where content names the offer that suits each person best."""
    n_given = models.BigIntegerField(default=0)
    """Counted by who gives, under the lock of this row; people who are erased stay counted."""
    created_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_constraint=False
    )
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name

    @property
    def counts_from(self) -> datetime:
        """Orders placed before have nothing to do with it, even if they name a code that it has now."""
        return min(self.created_at, self.starts_at or self.created_at)


class OfferCodes(models.QuerySet["OfferCode"]):
    def free(self, offer: Offer) -> "OfferCodes":
        """Not given yet, the next one first."""
        return self.filter(offer=offer, delivery=None).order_by("pk")

    def handed_out(self, offer: Offer) -> "OfferCodes":
        return self.filter(offer=offer, delivery__isnull=False)


class OfferCode(models.Model):
    """A code waiting to be given, or one that was: to one delivery, never to a second.

    An offer with no code, or one for everybody, has a row per delivery, too: that is how it is counted.
    """

    offer = models.ForeignKey(Offer, on_delete=models.CASCADE, related_name="given", db_index=False)
    code = models.CharField(max_length=60, blank=True)
    is_own = models.BooleanField()
    """The code belongs to this row alone."""
    delivery = models.UUIDField(null=True)
    """Delivery.ref; None: not given yet."""
    profile_id = models.BigIntegerField(null=True)
    record_id = models.BigIntegerField(null=True)
    """The record of the address it went to."""
    given_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    rfm = models.CharField(max_length=10, blank=True, db_default="")
    """Recency and frequency band of the person then, such as `5-3`."""
    is_best = models.BooleanField(default=False, db_default=False)
    """Picked as the best for the person."""

    objects = OfferCodes.as_manager()

    class Meta:
        constraints = [
            # Orders name codes in whatever case.
            models.UniqueConstraint(Upper("code"), condition=Q(is_own=True), name="offer_code_once"),
            models.UniqueConstraint("offer", "delivery", condition=Q(delivery__isnull=False), name="offer_to_delivery"),
        ]
        indexes = [
            models.Index(fields=["offer", "id"], condition=Q(delivery=None), name="offer_code_free"),  # the next one
            models.Index(fields=["profile_id", "offer"], name="offer_code_of_person"),  # most_per_person, the profile
            models.Index(fields=["delivery"], name="offer_code_of_delivery"),  # what a mail holds
            models.Index(fields=["offer", "given_at"], condition=~Q(given_at=None), name="offer_code_by_day"),  # chart
        ]

    def __str__(self) -> str:
        return self.code


class OfferRedemption(models.Model):
    """An order that names a code of an offer: follows from the order's events, whatever order they come in."""

    offer = models.ForeignKey(Offer, on_delete=models.CASCADE, related_name="redemptions", db_index=False)
    code = models.CharField(max_length=60)
    """In capitals, as it is compared."""
    given = models.ForeignKey(
        OfferCode,
        null=True,
        on_delete=models.DO_NOTHING,
        related_name="redemptions",
        db_constraint=False,
        db_index=False,
    )
    """The row of the code; of a code for everybody, the buyer's own mail with it, None where there was none."""
    profile_id = models.BigIntegerField()
    """Who ordered: perhaps not the one whom the code was given to."""
    order_id = models.TextField()
    at = models.DateTimeField()
    value = models.DecimalField(max_digits=14, decimal_places=2)
    """What the order is worth in the reporting currency, net of refunds."""
    discount = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    """This code's part of what the order took off, in the reporting currency; None: the order does not say."""
    is_taken_back = models.BooleanField(default=False)
    """The order was cancelled, or all of it refunded."""

    class Meta:
        constraints = [models.UniqueConstraint("profile_id", "order_id", "code", name="offer_redemption_once")]
        indexes = [
            models.Index(fields=["offer", "-at", "-id"], name="offer_redemption_newest"),  # the offer's page
            models.Index(fields=["given"], name="offer_redemption_of_code"),  # which codes were used
        ]

    def __str__(self) -> str:
        return f"{self.code} in {self.order_id}"
