"""Planning: who of an audience is planned next, and who is in the control group."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class PlanLot(models.Model):
    """Some thousands of an audience who are still to be planned, as it was when the occurrence came.

    A lot is deleted in the transaction that writes its ledger rows: a worker that takes over goes on with the next.
    """

    campaign = models.ForeignKey(
        "campaigns.Campaign", on_delete=models.CASCADE, related_name="plan_lots", db_index=False
    )
    occurrence = models.CharField(max_length=200)
    number = models.PositiveIntegerField()
    ids = ArrayField(models.BigIntegerField())
    """Profile ids, ascending."""
    not_before = models.DateTimeField()
    on = models.DateField(null=True)
    """… and not before that day on the person's own clock."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "occurrence", "number"], name="plan_lot")]

    def __str__(self) -> str:
        return f"{self.campaign_id}/{self.occurrence}/{self.number}"


class ControlDraw(models.Model):
    """The number a person drew, once: those below the policy's share are the control group that gets no campaign."""

    profile_id = models.BigIntegerField(primary_key=True)
    draw = models.FloatField()
    """From 0 until before 100."""
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.profile_id}: {self.draw:.2f}"
