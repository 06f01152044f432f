from django.db import models


class Feed(models.Model):
    """A GET endpoint whose JSON stands in mails: weather, prices, stock, an own recommender."""

    key = models.SlugField(max_length=60, unique=True)
    """Content names it by this."""
    name = models.CharField(max_length=120)
    url = models.TextField()
    """Liquid: may name what is known of the person, such as `{{ profile.city | url_encode }}`."""
    headers = models.BinaryField(default=b"")
    """Encrypted JSON of header names and values: they may hold secrets."""
    timeout_ms = models.PositiveIntegerField(default=1500)
    cache_s = models.PositiveIntegerField(default=300)
    most_bytes = models.PositiveIntegerField(default=200_000)
    schema = models.JSONField(null=True)
    """JSON Schema that an answer must meet; None: any JSON."""
    fallback = models.JSONField(null=True)
    """What stands for an answer that failed; None: blocks show what they have instead."""
    last_ok_at = models.DateTimeField(null=True)
    last_failed_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, blank=True)
    created_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_constraint=False
    )
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name

    @property
    def is_failing(self) -> bool:
        """What it answered last was no good."""
        return self.last_failed_at is not None and (self.last_ok_at is None or self.last_failed_at >= self.last_ok_at)
