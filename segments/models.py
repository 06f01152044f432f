from django.db import models
from django.db.models.expressions import RawSQL


class Segment(models.Model):
    """People for whom a rule holds, kept so by `refresh`. `as_of` only grows; it is guarded by the row's lock."""

    class Kind(models.TextChoices):
        RULE = "rule", "By a rule"
        STATIC = "static", "A fixed list"

    class Pace(models.TextChoices):
        """When memberships follow what happened."""

        LIVE = "live", "At once"
        HOURLY = "hourly", "Every hour"
        DAILY = "daily", "Every day"
        CRON = "cron", "At times of your own"

    name = models.CharField(max_length=120, unique=True)
    description = models.TextField(blank=True)
    folder = models.CharField(max_length=80, blank=True)
    kind = models.CharField(max_length=6, choices=Kind.choices, default=Kind.RULE)
    rule = models.JSONField()
    """Of a static segment the one leaf `listed`, so that merges, refreshes and explanations know one way only."""
    version = models.PositiveIntegerField(default=1)
    """The number of the newest SegmentVersion."""
    pace = models.CharField(max_length=6, choices=Pace.choices, default=Pace.LIVE)
    cron = models.CharField(max_length=100, blank=True)
    """Five fields, in the deployment's time zone; for the pace `cron` only."""
    due_at = models.DateTimeField(null=True)
    """When the next full refresh by schedule is due; null for live segments."""
    size = models.BigIntegerField(default=0)
    as_of = models.DateTimeField(null=True)
    """The moment memberships are right for; null until the first refresh."""
    is_stale = models.BooleanField(default=True)
    """Waits for a full refresh: it is new, its rule changed, or the last refresh failed."""
    error = models.TextField(blank=True)
    failures = models.PositiveSmallIntegerField(default=0)
    """Refreshes that failed since the last one that did not."""
    retry_at = models.DateTimeField(null=True)
    """A segment whose refresh failed is not tried again before."""
    took_ms = models.PositiveIntegerField(null=True)
    """How long the last full refresh took."""
    checked_at = models.DateTimeField(null=True)
    """When memberships were last compared with a full evaluation."""
    job = models.ForeignKey("common.Job", null=True, on_delete=models.SET_NULL, related_name="+", db_constraint=False)
    """The latest full refresh that somebody asked for or that took long enough to watch."""
    created_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_constraint=False
    )
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name

    @property
    def is_scheduled(self) -> bool:
        """Followed by full refreshes only. Fixed lists always follow at once."""
        return self.pace != self.Pace.LIVE and self.kind == self.Kind.RULE


class SegmentVersion(models.Model):
    """What a segment was after each change: to see who changed what, and to go back."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    rule = models.JSONField()
    pace = models.CharField(max_length=6, choices=Segment.Pace.choices)
    cron = models.CharField(max_length=100, blank=True)
    note = models.CharField(max_length=200, blank=True)
    """What was done, such as “went back to version 3”."""
    by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_constraint=False)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["segment", "number"], name="segment_version")]

    def __str__(self) -> str:
        return f"{self.name}, version {self.number}"


class Listing(models.Model):
    """A person on the list of a static segment, by the record that was listed: it follows that record."""

    segment_id = models.BigIntegerField()
    record_id = models.BigIntegerField()
    profile_id = models.BigIntegerField()
    listed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["profile_id", "segment_id", "record_id"], name="listing_once")]
        indexes = [models.Index(fields=["segment_id", "profile_id"], name="listing_of_segment")]  # the leaf `listed`

    def __str__(self) -> str:
        return f"{self.record_id} listed in {self.segment_id}"


class Fault(models.Model):
    """An alarm: a check found memberships that the rule does not give. They were put right."""

    segment_id = models.BigIntegerField()
    at = models.DateTimeField()
    missing = models.PositiveIntegerField()
    """Who should have been in and was not."""
    extra = models.PositiveIntegerField()
    """Who was in and should not have been."""
    examples = models.JSONField(default=list)
    """Profile ids of some of them."""
    seen_at = models.DateTimeField(null=True)
    """When somebody said they know."""

    class Meta:
        indexes = [models.Index(fields=["segment_id", "-at"], name="fault_of_segment")]  # its page

    def __str__(self) -> str:
        return f"{self.segment_id}: {self.missing} missing, {self.extra} too many"


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
            models.Index(  # rules about who left lately
                fields=["segment_id", "at"], name="change_left_at", condition=models.Q(kind="left")
            ),
            models.Index(fields=["segment_id", "at", "kind"], name="change_by_day"),  # comings and goings by day
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
