"""What takes messages: a mail server, a provider, an address that is posted to, or the local mailbox."""

from django.db import models


class Account(models.Model):
    """A way out that somebody set up. Its secrets are sealed (cdp/common/secrets.py)."""

    name = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=20)
    """A key of campaigns.channels.known.CHANNELS: mailbox, smtp, webhook or a provider."""
    settings = models.JSONField(default=dict, blank=True)
    """What is no secret: host, port, region, address."""
    secrets = models.BinaryField(null=True)
    """Sealed JSON: password, API key, signing secret."""
    hook = models.CharField(max_length=43, blank=True)
    """Names it in the address that its provider tells us at; empty where none tells anything."""
    per_second = models.PositiveIntegerField(null=True)
    """Messages at most in all; None: as fast as it takes them."""
    per_domain = models.JSONField(default=dict, blank=True)
    """Domain of the recipient → messages a second at most; "*" is any other."""
    message_cost = models.DecimalField(max_digits=12, decimal_places=6, null=True)
    """In the reporting currency."""
    created_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_constraint=False
    )
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name
