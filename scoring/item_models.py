"""Which items go together, and which to show to whom."""

from django.db import models


class Recommending(models.Model):
    """How and how well items are recommended: one row, the latest run."""

    ran_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    floor = models.FloatField(default=0.01)
    """Below this confidence what is popular is shown instead."""
    leaves_out_bought_days = models.PositiveSmallIntegerField(default=90)
    """Items bought within so many days are not recommended; 0 recommends them as well."""
    schedule = models.CharField(max_length=100, default="40 2 * * *")
    """When everything is learned anew: a cron expression in the deployment's time zone."""
    weights = models.JSONField(default=dict)
    """How the components of a list are mixed, as the latest weeks showed (recommend/blend.py)."""
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


class ItemFigures(models.Model):
    """How popular an item is. Shares are of all interest in items, in those of its category, of its brand in that."""

    item_id = models.TextField(primary_key=True)
    category = models.TextField(blank=True)
    brand = models.TextField(blank=True)
    share = models.FloatField()
    in_category = models.FloatField()
    in_group = models.FloatField()
    people = models.BigIntegerField()
    """Who did something with it in the four weeks before."""
    again_share = models.FloatField()
    """Of those who bought it, who bought it again; 0 where the data does not show it."""
    again_days = models.FloatField()
    """Median time between two purchases."""

    class Meta:
        indexes = [
            models.Index(fields=["-share"], name="figures_top"),  # popular with everybody
            models.Index(fields=["category", "-in_category"], name="figures_of_category"),  # popular in a category
            models.Index(fields=["category", "brand", "-in_group"], name="figures_of_group"),  # of a brand in it
        ]

    def __str__(self) -> str:
        return self.item_id


class SegmentFavourites(models.Model):
    """What is popular in a segment."""

    segment_id = models.BigIntegerField(primary_key=True)
    items = models.JSONField()
    """[item id, people of the segment who did something with it in the four weeks before], most first."""
    people = models.BigIntegerField()
    """Of the segment, who did something with any item then."""
    computed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Popular in segment {self.segment_id}"


class Recommendation(models.Model):
    """What to show to a person, best first."""

    profile_id = models.BigIntegerField(primary_key=True)
    items = models.JSONField()
    """[item id, confidence 0 to 1, why (recommend/lists.py), because of which item, what was done with that]."""
    computed_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.profile_id)
