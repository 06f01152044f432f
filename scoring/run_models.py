"""How far the scoring of everybody is: a restart goes on with the stretch of people it was at."""

from django.db import models


class ScoringChunk(models.Model):
    """A stretch of people, by their ids. One worker finds what is to be said of them; once that is known of everybody,
    one worker writes it. Either may die at any moment: what it held is taken up by another."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SCORED = "scored", "Scored"
        WRITTEN = "written", "Written"

    job = models.ForeignKey("common.Job", on_delete=models.CASCADE, related_name="+", db_constraint=False)
    number = models.PositiveIntegerField()
    after_id = models.BigIntegerField()
    until_id = models.BigIntegerField()
    """Profiles with after_id < id <= until_id."""
    people = models.PositiveIntegerField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    fence = models.PositiveIntegerField(default=0)
    """Counts who took it: a worker that was thought dead finds it moved on, and keeps its hands off."""
    held_until = models.DateTimeField(null=True)
    scored = models.BinaryField(default=bytes)
    """As scoring.chunks writes it: plain arrays, never pickled."""
    seen = models.JSONField(default=dict)
    """Predictor → what the watch for drift counted of this stretch."""
    written_to = models.BigIntegerField(null=True)
    """People up to this id are written."""
    changed = models.JSONField(default=dict)
    """Predictor → how many of them changed band."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "number"], name="scoring_chunk")]  # the next to take

    def __str__(self) -> str:
        return f"{self.job_id}: {self.number}"
