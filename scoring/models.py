from django.db import models


class Predictor(models.Model):
    """How likely people are to do something within some days, learned and refreshed on schedule."""

    name = models.CharField(max_length=120, unique=True)
    event_name = models.CharField(max_length=200)
    """What is predicted: this event."""
    days = models.PositiveSmallIntegerField()
    active = models.ForeignKey(
        "scoring.TrainedModel", null=True, on_delete=models.SET_NULL, related_name="+", db_constraint=False
    )
    """The version that scores; null until one proved useful."""
    scored_at = models.DateTimeField(null=True)
    last_job = models.ForeignKey(
        "common.Job", null=True, on_delete=models.SET_NULL, related_name="+", db_constraint=False
    )
    """Its latest training."""
    created_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_constraint=False
    )
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class TrainedModel(models.Model):
    """One version: its parameters as plain numbers, and how well it did on a window it never saw."""

    predictor = models.ForeignKey(Predictor, on_delete=models.CASCADE, related_name="versions")
    trained_at = models.DateTimeField()
    parameters = models.JSONField()
    """Empty where there was too little to learn from."""
    quality = models.JSONField()
    """As scoring.train.Quality."""
    is_useful = models.BooleanField()
    verdict = models.TextField()
    """Why it is used, or why not, in a sentence."""

    class Meta:
        indexes = [models.Index(fields=["predictor", "-id"], name="model_versions")]  # the predictor's page

    def __str__(self) -> str:
        return f"{self.predictor_id}, {self.trained_at:%Y-%m-%d}"


class Score(models.Model):
    """What a predictor thinks of a person now."""

    pk = models.CompositePrimaryKey("profile_id", "predictor_id")
    profile_id = models.BigIntegerField()
    predictor_id = models.BigIntegerField()
    value = models.FloatField()
    """Probability, 0 to 1."""
    percentile = models.FloatField()
    """Share of people whose score is not higher, 0 to 100."""
    scored_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["predictor_id", "value", "profile_id"], name="score_by_value")]  # rules

    def __str__(self) -> str:
        return f"{self.value:.2f}"
