"""When messages are best sent: what everybody's habits are, as last computed."""

from django.db import models


class SendHourFit(models.Model):
    """One nightly look at when people are active. The latest serves people without a row of their own."""

    at = models.DateTimeField()
    people = models.BigIntegerField()
    """With activity of their own to go by."""
    habits = models.JSONField()
    """As scoring.estimators.send_hour.Habits: shares of everybody and of each country, and the concentration."""
    quality = models.JSONField()
    """As scoring.send_time_measured.Measured: how well hours learned earlier did on the latest weeks."""
    spread = models.JSONField()
    """24 numbers: people by their best hour."""
    own = models.JSONField()
    """Five numbers: people by how much of their hour is their own habit, in fifths."""

    class Meta:
        indexes = [models.Index(fields=["-at"], name="send_hour_fit_latest")]  # the page, the lookup

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d}"
