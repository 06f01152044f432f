"""How much of the rates of an account is left."""

from django.db import models

from campaigns.account_models import Account


class RateBucket(models.Model):
    """Shared by all workers, who lock it for a moment."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+", db_index=False)
    domain = models.TextField(blank=True)
    """Empty: the account's messages altogether."""
    tokens = models.FloatField()
    """Messages that may go at `at`; every second adds the rate, up to one second's worth."""
    at = models.DateTimeField()
    queued_until = models.DateTimeField()
    """Until when messages were put off one behind the other."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "domain"], name="rate_bucket")]
        indexes = [models.Index(fields=["at"], name="rate_bucket_by_age")]  # forgetting

    def __str__(self) -> str:
        return self.domain or "all"
