"""Goals: what is to be reached by when, and how far it was each day."""

from django.db import models


class Goal(models.Model):
    class Metric(models.TextChoices):
        DID = "did", "People who do something"
        ORDERS = "orders", "Orders"
        REVENUE = "revenue", "Revenue"
        PER_PERSON = "per_person", "Revenue per person"
        SHARE = "share", "Share of people in a segment"
        AVERAGE = "average", "Average of a computed trait or score"

    class Direction(models.TextChoices):
        AT_LEAST = "at_least", "at least"
        AT_MOST = "at_most", "at most"

    name = models.CharField(max_length=120)
    metric = models.CharField(max_length=10, choices=Metric.choices)
    params = models.JSONField(default=dict)
    """As the metric needs: event and times; segment; trait (its key) or predictor."""
    population = models.JSONField(null=True)
    """A rule; None: everybody."""
    direction = models.CharField(max_length=8, choices=Direction.choices, default=Direction.AT_LEAST)
    target = models.FloatField()
    """People, orders, money in the reporting currency, per cent, or the unit of what is averaged."""
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reached_at = models.DateTimeField(null=True)
    """The first sample that was where the target is; empty again once the goal is changed."""
    archived_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_constraint=False
    )
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="goal_ends")]

    def __str__(self) -> str:
        return self.name


class GoalSample(models.Model):
    """How far it was on a day: the last count of it."""

    goal = models.ForeignKey(Goal, on_delete=models.CASCADE, related_name="samples", db_index=False)
    on = models.DateField()
    """In the deployment's time zone."""
    at = models.DateTimeField()
    value = models.FloatField(null=True)
    """None where there is nobody to average over."""
    figures = models.JSONField()
    """Of each group (all, control, others): people, people with a value, sum and sum of squares of it."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["goal", "on"], name="goal_sample")]  # also its course by day

    def __str__(self) -> str:
        return f"{self.goal_id} {self.on}: {self.value}"
