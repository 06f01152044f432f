"""Orders that are led back to a mail."""

from django.db import models


class Conversion(models.Model):
    """An order and the mail it is led back to: one row per order, so that it is never credited twice.

    Follows from the orders, opens and clicks as they are now (results/attribute.py). What was cancelled or given back
    in full has no row.
    """

    class By(models.TextChoices):
        CLICK = "click", "a click"
        OPEN = "open", "an open"

    pk = models.CompositePrimaryKey("profile_id", "order_id")
    profile_id = models.BigIntegerField()
    order_id = models.TextField()
    campaign_id = models.BigIntegerField()
    delivery = models.UUIDField()
    """Delivery.ref"""
    by = models.CharField(max_length=5, choices=By.choices)
    touched_at = models.DateTimeField()
    """The click or open."""
    at = models.DateTimeField()
    """When it was ordered."""
    value = models.DecimalField(max_digits=16, decimal_places=2)
    """In the reporting currency, net of refunds."""

    class Meta:
        indexes = [
            models.Index(fields=["campaign_id", "at"], name="conversion_of_campaign"),  # results of one
            models.Index(fields=["delivery"], name="conversion_of_delivery"),  # of one mail, lists
            models.Index(fields=["at"], name="conversion_by_day"),  # results over all
        ]

    def __str__(self) -> str:
        return f"{self.order_id} by {self.by}"
