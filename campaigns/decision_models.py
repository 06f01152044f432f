"""How tests ended."""

from django.db import models


class Decision(models.Model):
    """Who won a test, and what was known when that was decided. One for each campaign, written once."""

    campaign = models.OneToOneField("campaigns.Campaign", primary_key=True, on_delete=models.CASCADE)
    number = models.PositiveSmallIntegerField()
    """Of the variant that the others got."""
    decides_on = models.CharField(max_length=12)
    counts = models.JSONField()
    """{number: [people, how many did it]}"""
    chance = models.FloatField()
    """That the winner is the best, 0 to 1."""
    is_certain = models.BooleanField()
    """Whether the always-valid intervals said so, too."""
    waiting = models.PositiveIntegerField()
    """People who were given the winner."""
    by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_constraint=False)
    """Who decided before the time; None: the time was up."""
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.campaign_id}: {self.number}"
