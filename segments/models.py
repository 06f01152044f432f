from django.db import models
from django.db.models.expressions import RawSQL


class Segment(models.Model):
    """People for whom a rule holds, kept so by `refresh`. `as_of` only grows; it is guarded by the row's lock."""

    name = models.CharField(max_length=120, unique=True)
    description = models.TextField(blank=True)
    rule = models.JSONField()
    size = models.BigIntegerField(default=0)
    as_of = models.DateTimeField(null=True)
    """The moment memberships are right for; null until the first refresh."""
    is_stale = models.BooleanField(default=True)
    """Waits for a full refresh: it is new, its rule changed, or the last refresh failed."""
    error = models.TextField(blank=True)
    created_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_constraint=False
    )
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """This person is in this segment now."""

    pk = models.CompositePrimaryKey("profile_id", "segment_id")
    profile_id = models.BigIntegerField()
    segment_id = models.BigIntegerField()
    entered_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["segment_id", "profile_id"], name="membership_by_segment"),  # members, differences
            models.Index(fields=["segment_id", "-entered_at", "-profile_id"], name="membership_newest"),  # its page
        ]

    def __str__(self) -> str:
        return f"{self.profile_id} in {self.segment_id}"


class Cause(models.TextChoices):
    """Why a membership changed. Triggers react to the first three only."""

    EVENT = "event", "Something they did"
    TRAIT = "trait", "Something known of them changed"
    TIME = "time", "Time passed"
    MERGE = "merge", "Profiles were merged"
    UNMERGE = "unmerge", "Profiles were un-merged"
    RULE = "rule", "The rule changed"
    FIRST = "first", "The segment was new"
    REPAIR = "repair", "A fault was repaired"


class MembershipChange(models.Model):
    """News: who entered or left. Append-only; readers follow (xact_id, id)."""

    class Kind(models.TextChoices):
        ENTERED = "entered", "Entered"
        LEFT = "left", "Left"

    segment_id = models.BigIntegerField()
    profile_id = models.BigIntegerField()
    kind = models.CharField(max_length=7, choices=Kind.choices)
    cause = models.CharField(max_length=7, choices=Cause.choices)
    at = models.DateTimeField()
    entered_at = models.DateTimeField(null=True)
    """Of who left: since when they had been in."""
    xact_id = models.BigIntegerField(db_default=RawSQL("(pg_current_xact_id()::text::bigint)", []))

    class Meta:
        indexes = [
            models.Index(fields=["xact_id", "id"], name="change_news"),  # the readers' cursor
            models.Index(fields=["segment_id", "-id"], name="change_of_segment"),  # the segment's page
            models.Index(fields=["profile_id", "-id"], name="change_of_profile"),  # the profile's page
        ]

    def __str__(self) -> str:
        return f"{self.profile_id} {self.kind} {self.segment_id}"


class SegmentSize(models.Model):
    """How many were in a segment at the end of an hour."""

    segment_id = models.BigIntegerField()
    at = models.DateTimeField()
    size = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["segment_id", "at"], name="segment_size_hour")]

    def __str__(self) -> str:
        return f"{self.segment_id}: {self.size}"
