"""Whether scores stay right: what each run looked like, and what came true."""

from django.db import models


class ScoringRun(models.Model):
    """One scoring of everybody."""

    predictor = models.ForeignKey("scoring.Predictor", on_delete=models.CASCADE, related_name="runs")
    model_id = models.BigIntegerField()
    at = models.DateTimeField()
    people = models.BigIntegerField()
    mean = models.FloatField(null=True)
    """Of the scores; null where nobody was scored."""
    quantiles = models.JSONField(default=list)
    """Of the scores, from 0 to 100 % in equal steps: percentiles of single scores are read from them."""
    bands = models.JSONField(default=dict)
    """Band → people."""
    changed = models.BigIntegerField(default=0)
    """How many changed band."""
    spread = models.JSONField(default=dict)
    """Feature → shares of its bins, and `score`: as the model's `reference`."""
    drift = models.JSONField(default=dict)
    """Feature, and `score` → population stability index from the reference."""
    is_drifted = models.BooleanField(default=False)
    usual_days = models.FloatField(null=True)
    """Everybody's usual gap between orders, where it decides who is asked: those asked about later are held against the
    same."""
    took_ms = models.PositiveIntegerField()
    realised = models.JSONField(null=True)
    """As scoring.quality.Realised, once the window closed."""
    realised_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["predictor", "-at"], name="runs_of_predictor"),  # its page
            models.Index(  # those whose window may have closed
                fields=["at"], name="runs_open", condition=models.Q(realised_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.predictor_id} {self.at:%Y-%m-%d}"


class Forecast(models.Model):
    """What a run said of a random share of people, kept until it can be compared with what they did."""

    pk = models.CompositePrimaryKey("run_id", "profile_id")
    run_id = models.BigIntegerField()
    profile_id = models.BigIntegerField()
    value = models.FloatField()

    def __str__(self) -> str:
        return f"{self.value:.2f}"
