"""From whom mails come: domains with the keys that sign for them, and addresses."""

from django.db import models


class SenderDomain(models.Model):
    """A domain that mails are sent from, and what its DNS said when it was last asked."""

    name = models.CharField(max_length=253, unique=True)
    """In lower case and ASCII, as DNS has it."""
    found = models.JSONField(default=list, blank=True)
    """Of each check: what, whether it is good, and a sentence (campaigns/accounts/domain_check.py)."""
    checked_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class DomainKey(models.Model):
    """A DKIM key: RSA of 2048 bits. The public half belongs into DNS under its selector."""

    domain = models.ForeignKey(SenderDomain, on_delete=models.CASCADE, related_name="keys")
    selector = models.CharField(max_length=63)
    private = models.BinaryField()
    """Sealed PEM (cdp/common/secrets.py)."""
    public = models.TextField()
    """DER in base64, as it stands in DNS."""
    signs_since = models.DateTimeField(null=True)
    """Mails are signed with it; of one key of a domain at most."""
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["domain", "selector"], name="one_key_of_a_selector"),
            models.UniqueConstraint(
                fields=["domain"], condition=models.Q(signs_since__isnull=False), name="one_key_signs"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.selector}._domainkey.{self.domain.name}"


class Sender(models.Model):
    """Whom recipients see as the sender."""

    name = models.CharField(max_length=100)
    address = models.CharField(max_length=254, unique=True)
    domain = models.ForeignKey(SenderDomain, on_delete=models.PROTECT, related_name="senders")
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} <{self.address}>" if self.name else self.address
