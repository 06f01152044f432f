"""Tables of the golden profile: the rules of survivorship, the ledger of words, what was rolled back."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models

from cdp.common.models import Job
from cdp.profiles.survivorship import Strategy

STRATEGIES = [
    (Strategy.RECENT.value, "the most recent word"),
    (Strategy.RANK.value, "the word of the source that ranks highest"),
    (Strategy.FREQUENT.value, "what most records say"),
    (Strategy.LONGEST.value, "the longest word"),
    (Strategy.VERIFIED.value, "a verified word before others"),
    (Strategy.UNION.value, "all different values, as a list"),
]


class SurvivorshipRule(models.Model):
    """Which word on a trait counts. Traits without a rule follow `*`, and without that the most recent word."""

    trait = models.CharField(max_length=190, unique=True)
    strategy = models.CharField(max_length=10, choices=STRATEGIES)
    sources = ArrayField(models.BigIntegerField(), default=list, blank=True)
    """The order of trust (`rank`), or whose word counts as verified (`verified`)."""
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.trait


class Rollback(models.Model):
    """Words that were withdrawn together because they came from one cause: a bad import, a source gone wrong."""

    title = models.CharField(max_length=200)
    cause = models.CharField(max_length=200, blank=True)
    """`import:<id>`; empty if it is a span of a source's words."""
    source_id = models.BigIntegerField(null=True)
    since = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    """When the words arrived: from `since`, before `until`."""
    job = models.OneToOneField(Job, on_delete=models.PROTECT, related_name="rollback")
    undo_job = models.OneToOneField(Job, null=True, on_delete=models.PROTECT, related_name="undone_rollback")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["-id"], name="rollback_newest")]  # the page of rollbacks

    def __str__(self) -> str:
        return self.title


class Saying(models.Model):
    """The ledger: what a message told a record. Append-only but for `withdrawn_by`.

    A live source that repeats itself leaves no row: the record's own word carries the later time.
    """

    profile_id = models.BigIntegerField()
    record_id = models.BigIntegerField()
    traits = models.JSONField()
    """Trait → value."""
    said_at = models.DateTimeField()
    cause = models.TextField()
    """As in ProfileChange: `import:<id>` or `message:<source>:<message id>`."""
    replaced = models.JSONField(null=True)
    """Trait → [value, ISO time]: what stood in the record before, as the record had it."""
    at = models.DateTimeField()
    """When it arrived."""
    withdrawn_by = models.BigIntegerField(null=True)
    """The rollback."""

    class Meta:
        indexes = [
            models.Index(fields=["profile_id"], name="saying_by_profile"),  # merges, what is left after a rollback
            models.Index(  # what an import said
                fields=["cause", "id"], name="saying_by_import", condition=models.Q(cause__startswith="import:")
            ),
            BrinIndex(fields=["at"], name="saying_by_arrival"),  # what arrived within a span
            models.Index(  # undoing a rollback
                fields=["withdrawn_by", "id"], name="saying_withdrawn", condition=models.Q(withdrawn_by__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.cause
