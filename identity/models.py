from django.db import models


class Merge(models.Model):
    """Two profiles became one: who, when, and the evidence. Append-only news."""

    winner_id = models.BigIntegerField()
    loser_id = models.BigIntegerField()
    evidence = models.JSONField(default=dict)
    """`{"kind": "exact", "namespace": …, "value": …}`."""
    at = models.DateTimeField()
    xact_id = models.BigIntegerField()
    """pg_current_xact_id() of the merge, so that readers, who go by it, miss none."""

    class Meta:
        indexes = [
            models.Index(fields=["winner_id"], name="merge_by_winner"),  # a profile's merges
            models.Index(fields=["xact_id", "id"], name="merge_news"),  # readers' cursors
        ]

    def __str__(self) -> str:
        return f"{self.loser_id} into {self.winner_id}"
