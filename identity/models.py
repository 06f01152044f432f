from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models


class RuleSet(models.Model):
    """One version of the rules by which people are recognised. The newest applied one counts."""

    rules = models.JSONField()
    """As identity.rules reads it."""
    note = models.CharField(max_length=300, blank=True)
    by = models.CharField(max_length=200)
    """`user:<id>` or `system`."""
    at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)
    """From then on what arrives follows it; none: a draft."""
    settled_at = models.DateTimeField(null=True)
    """Since then every group follows from it."""

    def __str__(self) -> str:
        return f"rules {self.pk}"


class Merge(models.Model):
    """What became of profiles: joined, parted, records moved between them. Append-only news, with the evidence."""

    class Verb(models.TextChoices):
        MERGED = "merged", "Merged"
        UNMERGED = "unmerged", "Un-merged"
        SPLIT = "split", "Split off"
        MOVED = "moved", "Records moved"

    class How(models.TextChoices):
        EXACT = "exact", "By shared identifiers"
        FUZZY = "fuzzy", "By likeness"
        MANUAL = "manual", "By hand"
        RULES = "rules", "By a change of rules"

    verb = models.CharField(max_length=10, choices=Verb.choices, default=Verb.MERGED)
    how = models.CharField(max_length=10, choices=How.choices, default=How.EXACT)
    winner_id = models.BigIntegerField()
    """Merged: who lives on. Otherwise: whom the records left (un-merged, split), or went to (moved)."""
    loser_id = models.BigIntegerField()
    """Merged: who went. Un-merged and split: who came out of it. Moved: whom the records left."""
    record_ids = ArrayField(models.BigIntegerField(), default=list)
    """The records that changed hands: for a merge, all of the loser's."""
    winner_record_ids = ArrayField(models.BigIntegerField(), default=list)
    """For a merge, the other records of the person that came of it."""
    evidence = models.JSONField(default=dict)
    """`{"identifiers": [{"namespace", "value"}], "links": [{"a", "b", "kind", "weight"}]}`."""
    by = models.CharField(max_length=200, default="system")
    """`user:<id>` for a steward's doing, else `system`."""
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=200, blank=True)
    xact_id = models.BigIntegerField()
    """pg_current_xact_id() of the merge, so that readers, who go by it, miss none."""

    class Meta:
        indexes = [
            models.Index(fields=["winner_id"], name="merge_by_winner"),  # a profile's merges
            models.Index(fields=["loser_id"], name="merge_by_loser"),  # the same, from the other side
            models.Index(fields=["-at", "-id"], name="merge_newest"),  # the ledger page, the merge rate
            models.Index(fields=["xact_id", "id"], name="merge_news"),  # readers' cursors
        ]

    def __str__(self) -> str:
        return f"{self.loser_id} {self.verb} {self.winner_id}"


class Link(models.Model):
    """Two records that are one person though no identifier says so: by likeness or by a steward's word."""

    class Kind(models.TextChoices):
        MANUAL = "manual", "By hand"
        FUZZY = "fuzzy", "By likeness"

    record_a = models.BigIntegerField()
    """The smaller id of the two."""
    record_b = models.BigIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    weight = models.FloatField(default=0)
    """Bits of evidence; 0 where a steward said so."""
    by = models.CharField(max_length=200, default="system")
    at = models.DateTimeField()
    dropped_for = models.CharField(max_length=20, blank=True)
    """Why it does not count, as in Identifier.dropped_for."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["record_a", "record_b"], name="link_pair"),
            models.CheckConstraint(condition=models.Q(record_a__lt=models.F("record_b")), name="link_ordered"),
        ]
        indexes = [models.Index(fields=["record_b"], name="link_by_b")]  # the component of a record

    def __str__(self) -> str:
        return f"{self.record_a}={self.record_b}"


class Separation(models.Model):
    """Two sides that are never one person: a steward said so, or un-merged them."""

    by = models.CharField(max_length=200)
    at = models.DateTimeField()
    merge_id = models.BigIntegerField(null=True)
    """The merge that it undid."""
    links = models.JSONField(default=list)
    """The links that it cut, `{"a", "b", "kind", "weight", "by", "at"}`: they come back if it is taken back."""

    def __str__(self) -> str:
        return f"separation {self.pk}"


class Apart(models.Model):
    """A record on one side of a separation. No group holds records of both sides."""

    separation = models.ForeignKey(Separation, on_delete=models.CASCADE, related_name="members", db_constraint=False)
    side = models.SmallIntegerField()
    record_id = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["separation", "record_id"], name="apart_once")]
        indexes = [models.Index(fields=["record_id"], name="apart_by_record")]  # the separations of a component

    def __str__(self) -> str:
        return f"{self.separation_id}/{self.side}: {self.record_id}"


class Candidate(models.Model):
    """Two records that look like one person. Likely ones were linked, doubtful ones wait for a steward, less likely
    ones are kept to see what other thresholds would do."""

    class State(models.TextChoices):
        OPEN = "open", "Waiting"
        LATER = "later", "Put off"
        LINKED = "linked", "Linked by itself"
        LEFT = "left", "Left alone"
        SAME = "same", "One person"
        DIFFERENT = "different", "Not the same"

    record_a = models.BigIntegerField()
    """The smaller id of the two."""
    record_b = models.BigIntegerField()
    weight = models.FloatField()
    """Bits of evidence that they are one person; 0 is as likely as not."""
    probability = models.FloatField()
    evidence = models.JSONField(default=list)
    """`[{"field", "level", "bits", "a", "b"}]`: what was compared, how alike it is, what that says; prior first."""
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    decided_by = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField(null=True)
    model_id = models.BigIntegerField(null=True)
    """The MatchModel that weighed it; none: the shipped parameters."""
    found_at = models.DateTimeField()
    may_merge = models.BooleanField(default=False)
    """Two independent fields agree and nothing forbids it: linked by itself if it is probable enough."""
    is_exact = models.BooleanField(default=False)
    """They share an identifier as well: no question to a steward, and no news if they are linked."""
    is_audit = models.BooleanField(default=False)
    """Drawn at random from those linked by themselves, for a steward to check."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["record_a", "record_b"], name="candidate_pair")]
        indexes = [
            models.Index(fields=["state", "-probability", "-id"], name="candidate_queue"),  # the review queue
            models.Index(fields=["record_b"], name="candidate_by_b"),  # candidates of a record
            models.Index(  # decisions to learn from, the newest first
                fields=["-decided_at"], name="candidate_decided", condition=models.Q(decided_at__isnull=False)
            ),
            models.Index(fields=["id"], name="candidate_audit", condition=models.Q(is_audit=True)),  # checks
        ]

    def __str__(self) -> str:
        return f"{self.record_a}?{self.record_b}"


class Decision(models.Model):
    """What a steward decided, with all it takes to undo it. Decisions about candidates are labels to learn from."""

    class Verdict(models.TextChoices):
        SAME = "same", "Merged"
        DIFFERENT = "different", "Not the same"
        LATER = "later", "Put off"
        SPLIT = "split", "Split"
        UNMERGED = "unmerged", "Un-merged"

    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    sides = models.JSONField(default=list)
    """Whom it was about: the records of the one and of the other, then."""
    before = models.JSONField(default=list)
    """The candidates it decided and how they stood: `[{"id", "state", "by", "at"}]`."""
    profile_ids = ArrayField(models.BigIntegerField(), default=list)
    """Whom it joined or parted."""
    merge_ids = ArrayField(models.BigIntegerField(), default=list)
    """What it wrote in the ledger."""
    separation_id = models.BigIntegerField(null=True)
    was_apart = models.BooleanField(default=False)
    """A merge that took back an earlier word that kept them apart."""
    job_id = models.BigIntegerField(null=True)
    """The job that made many decisions at once."""
    by = models.CharField(max_length=200)
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["-at"], name="decision_newest"),  # what today's decisions did
            models.Index(fields=["by", "-id"], name="decision_by_whom"),  # what "undo" undoes
            models.Index(fields=["job_id"], name="decision_by_job"),  # undoing many at once
            GinIndex(fields=["merge_ids"], name="decision_by_merge"),  # from the ledger to what undoes it
        ]

    def __str__(self) -> str:
        return f"decision {self.pk}: {self.verdict}"


class MatchModel(models.Model):
    """Parameters of fuzzy matching, learned from this deployment's records and its stewards' decisions."""

    parameters = models.JSONField()
    """As identity.weigh reads it."""
    learned_from = models.JSONField(default=dict)
    """Counts: records, pairs, decisions."""
    quality = models.JSONField(default=dict)
    """Estimated precision and recall with their intervals, and how they were estimated."""
    at = models.DateTimeField()
    is_active = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"model {self.pk}"


class Term(models.Model):
    """How many people share a value of a compared field: to share a rare one says more."""

    field = models.CharField(max_length=60)
    value = models.TextField()
    """In the normal form in which it is compared."""
    people = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["field", "value"], name="term_value")]

    def __str__(self) -> str:
        return f"{self.field}: {self.value}"


class BlockKey(models.Model):
    """A key under which a record can be found by records like it."""

    pk = models.CompositePrimaryKey("key", "record_id")
    key = models.BigIntegerField()
    """A 64-bit hash of the blocking rule and its values."""
    record_id = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["record_id"], name="blockkey_by_record")]  # a record changed

    def __str__(self) -> str:
        return f"{self.key}: {self.record_id}"


class Waiting(models.Model):
    """Records that are new or changed and not yet compared: a queue with one reader."""

    record_id = models.BigIntegerField()
    at = models.DateTimeField()
    is_held = models.BooleanField(default=False)
    """Compared while a full pass was under way, which had read it before: once more when that has ended."""

    class Meta:
        indexes = [  # the claim
            models.Index(fields=["id"], name="waiting_queue", condition=models.Q(is_held=False))
        ]

    def __str__(self) -> str:
        return str(self.record_id)


class IdentitySnapshot(models.Model):
    """The quality of identity as counted at one moment: what the quality page shows, and a row per hour to watch."""

    at = models.DateTimeField()
    took_ms = models.IntegerField()
    people = models.BigIntegerField()
    records = models.BigIntegerField()
    merges_24h = models.IntegerField()
    """Merges that came about by themselves in the 24 hours before."""
    usual_merges = models.FloatField()
    """The median of the 28 days before those."""
    is_alarm = models.BooleanField(default=False)
    """Far more merges than usual."""
    strays = models.BigIntegerField()
    """Rows that name a profile that was merged away: always 0."""
    figures = models.JSONField()
    """As identity.figures counts them."""

    class Meta:
        indexes = [models.Index(fields=["-at"], name="identitysnapshot_newest")]  # the page, pruning

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"
