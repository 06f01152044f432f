from django.db import models
from django.db.models import Q


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
    most_given = models.PositiveIntegerField(null=True)
    most_per_person = models.PositiveIntegerField(null=True)
    most_spent = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    """Once orders with it took off so much, no more are given."""
    created_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_constraint=False
    )
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class OfferCode(models.Model):
    """A code waiting to be given, or one that was: to one delivery, never to a second.

    An offer with no code, or one for everybody, has a row per delivery, too: that is how it is counted.
    """

    offer = models.ForeignKey(Offer, on_delete=models.CASCADE, related_name="given")
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
    redeemed_at = models.DateTimeField(null=True)
    """When the first order with it was placed."""
    order_id = models.CharField(max_length=200, blank=True)
    order_value = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    discount = models.DecimalField(max_digits=14, decimal_places=2, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("code", condition=Q(is_own=True), name="offer_code_once"),
            models.UniqueConstraint("offer", "delivery", condition=Q(delivery__isnull=False), name="offer_to_delivery"),
        ]
        indexes = [
            models.Index(fields=["offer", "id"], condition=Q(delivery=None), name="offer_code_free"),  # the next one
            models.Index(fields=["profile_id", "offer"], name="offer_code_of_person"),  # most_per_person, the profile
            models.Index(fields=["delivery"], name="offer_code_of_delivery"),  # what a mail holds
        ]

    def __str__(self) -> str:
        return self.code
