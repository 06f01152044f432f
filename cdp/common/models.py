from django.db import models


class Job(models.Model):
    """One piece of long work: import, full refresh, training, sending. Its row is its progress bar."""

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True)
    params = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    checkpoint = models.JSONField(default=dict)
    error = models.TextField(default="")
    is_cancel_requested = models.BooleanField(default=False)
    created_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_constraint=False
    )
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["kind", "-created_at"], name="job_by_kind")]  # lists of one kind

    def __str__(self) -> str:
        return self.title


class NewsCursor(models.Model):
    """How far a reader has read an append-only news table: (transaction id, row id)."""

    reader = models.CharField(max_length=60, primary_key=True)
    xact_id = models.BigIntegerField(default=0)
    row_id = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return self.reader
