"""How the product is doing, as its processes note it. Nothing here is about people."""

from django.db import models


class TaskState(models.Model):
    """One kind of task: how its runs go, whether it is paused. Loops that run each second are added up in their process
    first (cdp/operations/running.py)."""

    task = models.CharField(max_length=120, primary_key=True)
    started_at = models.DateTimeField(null=True)
    """When its latest known run began."""
    finished_at = models.DateTimeField(null=True)
    took_s = models.FloatField(null=True)
    """How long the latest finished run took."""
    usual_s = models.FloatField(null=True)
    """How long runs take: a mean in which the latest count most."""
    worst_s = models.FloatField(default=0, db_default=0)
    """The longest of the day `worst_on`."""
    worst_on = models.DateField(null=True)
    runs = models.BigIntegerField(default=0, db_default=0)
    failures = models.BigIntegerField(default=0, db_default=0)
    total_s = models.FloatField(default=0, db_default=0)
    error = models.CharField(max_length=300, blank=True, default="", db_default="")
    """What the latest run failed with; empty if it went well. Masked."""
    failed_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)
    """When somebody last asked for a run now."""
    paused_at = models.DateTimeField(null=True)
    paused_by = models.CharField(max_length=150, blank=True, default="", db_default="")

    def __str__(self) -> str:
        return self.task


class Heartbeat(models.Model):
    """A process that lives: it says so every few seconds, and forgets who was silent for a day."""

    class Kind(models.TextChoices):
        WEB = "web", "Web process"
        WORKER = "worker", "Worker"
        BEAT = "beat", "Beat"

    name = models.CharField(max_length=200, primary_key=True)
    """Kind, queue, host and process id."""
    kind = models.CharField(max_length=6, choices=Kind.choices)
    queue = models.CharField(max_length=40, blank=True)
    host = models.CharField(max_length=100)
    pid = models.IntegerField()
    version = models.CharField(max_length=20)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Tally(models.Model):
    """A counter that only grows, added to by all processes every few seconds. Unlogged: after a crash of the database
    it begins at nothing again, as Prometheus expects of counters."""

    metric = models.CharField(max_length=80)
    labels = models.JSONField(default=list)
    """Values of the metric's labels, in their order."""
    value = models.FloatField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["metric", "labels"], name="operations_tally_of")]

    def __str__(self) -> str:
        return f"{self.metric} {self.labels}: {self.value}"


class ErrorCount(models.Model):
    """How often something was logged as an error (or warning) in an hour: by whom and of which kind, never what."""

    hour = models.DateTimeField()
    level = models.CharField(max_length=8)
    logger = models.CharField(max_length=120)
    kind = models.CharField(max_length=120, blank=True)
    """The class of the exception."""
    n = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["hour", "level", "logger", "kind"], name="operations_error_of_hour")
        ]

    def __str__(self) -> str:
        return f"{self.logger} {self.kind}: {self.n}"


class Sample(models.Model):
    """How things stood at a minute, for the small charts of the system page. Kept for a week."""

    at = models.DateTimeField(primary_key=True)
    waiting = models.BigIntegerField()
    """Rows of the inbox, both lanes."""
    waiting_s = models.FloatField()
    """Age of the oldest of them."""
    lag_s = models.FloatField()
    """How far the segment behind most is behind."""
    touched = models.BigIntegerField()
    """Rows in the queues of touched profiles."""
    due = models.BigIntegerField()
    """Deliveries whose time has come."""
    taken_in = models.FloatField()
    """Counters, as they stood: charts show the differences."""
    sent = models.FloatField()
    errors = models.FloatField()
    database_bytes = models.BigIntegerField()

    def __str__(self) -> str:
        return self.at.isoformat()
