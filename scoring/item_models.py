"""Which items go together, and which to show to whom."""

from django.db import models


class Recommending(models.Model):
    """How and how well items are recommended: one row, the latest run."""

    ran_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    floor = models.FloatField(default=0.05)
    """Below this confidence what is popular is shown instead."""
    leaves_out_bought_days = models.PositiveSmallIntegerField(default=90)
    """Items bought within so many days are not recommended; 0 recommends them as well."""
    quality = models.JSONField(default=dict)
    """Recall and hit rate at k on the latest weeks, coverage of the catalogue, and the same of popularity alone."""
    people = models.BigIntegerField(default=0)
    items = models.BigIntegerField(default=0)
    last_job = models.ForeignKey(
        "common.Job", null=True, on_delete=models.SET_NULL, related_name="+", db_constraint=False
    )

    def __str__(self) -> str:
        return "Recommendations"


class ItemNeighbours(models.Model):
    """Items that go with an item, best first."""

    class Kind(models.TextChoices):
        SIMILAR = "similar", "Similar"
        TOGETHER = "together", "Bought together"
        AFTER = "after", "Bought afterwards"

    pk = models.CompositePrimaryKey("item_id", "kind")
    item_id = models.TextField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    neighbours = models.JSONField()
    """[item id, strength 0 to 1, people behind it], strongest first."""
    computed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.kind} to {self.item_id}"


class Recommendation(models.Model):
    """What to show to a person, best first."""

    profile_id = models.BigIntegerField(primary_key=True)
    items = models.JSONField()
    """[item id, confidence 0 to 1, why (`similar`, `together`, `after`, `popular`, `new`), because of which item]."""
    computed_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.profile_id)
