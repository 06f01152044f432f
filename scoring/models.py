"""Predictors, their versions, and what they think of each person."""

from django.db import models
from django.db.models.expressions import RawSQL

from scoring.cluster_models import Cluster, Clustering, ClusterMember
from scoring.item_models import ItemFigures, ItemNeighbours, Recommendation, Recommending, SegmentFavourites
from scoring.run_models import ScoringChunk
from scoring.send_models import SendHourFit
from scoring.watch_models import Forecast, ScoringRun

__all__ = [
    "Cluster",
    "ClusterMember",
    "Clustering",
    "Forecast",
    "ItemFigures",
    "ItemNeighbours",
    "Predictor",
    "Recommendation",
    "Recommending",
    "Score",
    "ScoreChange",
    "ScoringChunk",
    "ScoringRun",
    "SegmentFavourites",
    "SendHour",
    "SendHourFit",
    "TrainedModel",
]


class Band(models.TextChoices):
    LOW = "low", "Low"
    MEDIUM = "medium", "Medium"
    HIGH = "high", "High"


class Predictor(models.Model):
    """One question about everybody's next `days` days, learned and answered on schedule."""

    class Kind(models.TextChoices):
        PURCHASE = "purchase", "Buys"
        LAPSE = "lapse", "Leaves: silent beyond what is usual for this person"
        CHURN = "churn", "Leaves: orders nothing in a fixed time"
        OPEN = "open", "Opens a message"
        CLICK = "click", "Clicks in a message"
        EVENT = "event", "Does an event"
        RULE = "rule", "Comes to fulfil a rule"
        VALUE = "value", "How much they spend"
        NEXT_ORDER = "next_order", "When they order next"

    name = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.PURCHASE)
    event_name = models.CharField(max_length=200, blank=True)
    """Of kind `event`: this event."""
    target = models.JSONField(null=True)
    """Of kind `rule`: the rule that comes to hold."""
    population = models.JSONField(null=True)
    """The rule that says for whom, at the moment of asking; null for everybody with an event."""
    days = models.PositiveSmallIntegerField()
    """The window. Of `lapse` and `next_order`: how far ahead the answer is looked up when it is measured."""
    traits = models.JSONField(default=list)
    """Names of traits that may be learned from, chosen by the user."""
    low_below = models.FloatField(default=50)
    high_from = models.FloatField(default=80)
    """Percentiles between the bands."""
    schedule = models.CharField(max_length=100, default="10 3 * * *")
    """When everybody is scored: a cron expression in the deployment's time zone."""
    trains_every_days = models.PositiveSmallIntegerField(default=7)
    is_automatic = models.BooleanField(default=True)
    """Whether a better version takes over, and drift trains anew, without being asked."""
    active = models.ForeignKey(
        "scoring.TrainedModel", null=True, on_delete=models.SET_NULL, related_name="+", db_constraint=False
    )
    """The version that scores (the champion); null until one proved useful."""
    scored_at = models.DateTimeField(null=True)
    trained_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    """When everybody is scored next."""
    problem = models.TextField(blank=True)
    """What is wrong with it now, in a sentence: drift, an outcome unlike the forecast, a failed run."""
    last_job = models.ForeignKey(
        "common.Job", null=True, on_delete=models.SET_NULL, related_name="+", db_constraint=False
    )
    """Its latest training."""
    archived_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_constraint=False
    )
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name

    @property
    def fact(self) -> str:
        """What rules that name it depend on."""
        return f"score:{self.pk}"


class TrainedModel(models.Model):
    """One version: its parameters as plain numbers, and how well it did on a window it never saw."""

    predictor = models.ForeignKey(Predictor, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    """1, 2, … within its predictor."""
    estimator = models.CharField(max_length=40, blank=True)
    """Which candidate won; empty where there was too little to learn from."""
    trained_at = models.DateTimeField()
    as_of = models.DateTimeField()
    """It knows nothing later."""
    seed = models.PositiveIntegerField()
    artefact = models.BinaryField(default=bytes)
    """As scoring.artefact writes it: plain arrays, never pickled."""
    quality = models.JSONField()
    """As scoring.quality.Quality."""
    candidates = models.JSONField(default=list)
    """As scoring.quality.Tried, best first."""
    reference = models.JSONField(default=dict)
    """How features and scores were spread when it was trained: what drift is measured from."""
    is_useful = models.BooleanField()
    """Whether it beats the baseline by more than luck."""
    is_confident = models.BooleanField(default=False)
    """AUC above 0.75 on the untouched window."""
    is_simple = models.BooleanField(default=False)
    """Too little data: the shrunk simple model stands in."""
    verdict = models.TextField()
    """Why it is used, or why not, in a sentence."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["predictor", "number"], name="model_number")]
        indexes = [models.Index(fields=["predictor", "-id"], name="model_versions")]  # the predictor's page

    def __str__(self) -> str:
        return f"{self.predictor_id}, version {self.number}"


class Score(models.Model):
    """What a predictor thinks of a person now."""

    pk = models.CompositePrimaryKey("profile_id", "predictor_id")
    profile_id = models.BigIntegerField()
    predictor_id = models.BigIntegerField()
    value = models.FloatField()
    """Probability, 0 to 1; of `value` money in the reporting currency; of `next_order` days until the order."""
    percentile = models.FloatField()
    """Share of people whose score is not higher, 0 to 100; of `next_order`, whose order is not expected sooner."""
    band = models.CharField(max_length=6, choices=Band.choices)
    """By percentile, with hysteresis: it changes only once the percentile is clearly beyond the boundary."""
    expected_at = models.DateTimeField(null=True)
    earliest_at = models.DateTimeField(null=True)
    latest_at = models.DateTimeField(null=True)
    """Of `next_order`: the median, and between which two times the order falls with 80 %."""
    is_cold = models.BooleanField(default=False)
    """Too little is known of the person: by the cold-start model."""
    model_id = models.BigIntegerField()
    scored_at = models.DateTimeField()
    noted_value = models.FloatField(null=True)
    """The value in the newest row of history: what later values are held against. Null before the first."""

    class Meta:
        indexes = [
            models.Index(fields=["predictor_id", "value", "profile_id"], name="score_by_value"),  # rules
            models.Index(fields=["predictor_id", "band", "profile_id"], name="score_by_band"),  # rules
            models.Index(  # rules on who is expected soon, and the clock
                fields=["predictor_id", "expected_at", "profile_id"],
                name="score_by_expected",
                condition=models.Q(expected_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.value:.2f}"


class ScoreChange(models.Model):
    """A person's scores over time, and news of who changed band. Append-only; readers follow (xact_id, id).

    A row is added when the band changes, or when the value moved by SCORE_MOVES since the last row.
    """

    profile_id = models.BigIntegerField()
    predictor_id = models.BigIntegerField()
    at = models.DateTimeField()
    value = models.FloatField()
    percentile = models.FloatField()
    band = models.CharField(max_length=6, choices=Band.choices)
    was = models.CharField(max_length=6, choices=Band.choices, blank=True)
    """The band before, where it changed; empty otherwise, and on the first score."""
    xact_id = models.BigIntegerField(db_default=RawSQL("(pg_current_xact_id()::text::bigint)", []))

    class Meta:
        indexes = [
            models.Index(fields=["xact_id", "id"], name="score_news"),  # the readers' cursor
            models.Index(fields=["profile_id", "predictor_id", "-id"], name="score_history"),  # the profile's page
        ]

    def __str__(self) -> str:
        return f"{self.profile_id} {self.band}"


class SendHour(models.Model):
    """When a message to this person is best sent."""

    profile_id = models.BigIntegerField(primary_key=True)
    hour = models.PositiveSmallIntegerField()
    """0 to 23 in the person's time zone, or the deployment's where none is known."""
    evidence = models.FloatField()
    """Own opens, clicks and visits it rests on, the older the less."""
    own_share = models.FloatField()
    """How much of it is the person's own habit, 0 to 1; the rest is their group's and everybody's."""
    lift = models.FloatField()
    """Expected activity in that hour, relative to an hour drawn by chance."""
    shares = models.JSONField()
    """The 24 shares of activity by hour, which add up to 1: exploration draws from them."""
    computed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["hour"], name="send_hour_by_hour")]  # how people spread over the day

    def __str__(self) -> str:
        return f"{self.hour}:00"
