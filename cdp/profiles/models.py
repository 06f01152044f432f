import uuid

from django.db import models

from cdp.profiles.golden_models import Rollback, Saying, SurvivorshipRule

__all__ = ["Identifier", "Profile", "ProfileChange", "Record", "Rollback", "Saying", "SurvivorshipRule", "Touched"]


class Profile(models.Model):
    """One person. `traits` is the golden view picked from the records; records hold the truth."""

    uuid = models.UUIDField(default=uuid.uuid4)
    traits = models.JSONField(default=dict)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    last_seen_on = models.GeneratedField(
        expression=models.Func("last_seen_at", template="(%(expressions)s at time zone 'UTC')::date"),
        output_field=models.DateField(),
        db_persist=True,
    )
    """What lists are sorted by. An index on last_seen_at itself would make every event's update rewrite all
    indexes of the row; this one changes once a day."""
    merged_into = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["uuid"], name="profile_by_uuid"),  # public look-ups
            models.Index(fields=["first_seen_at"], name="profile_by_first_seen"),  # rules on new people, by the clock
            models.Index(fields=["-last_seen_on", "-id"], name="profile_by_last_seen"),  # the profile list
            models.Index(  # following a merge back to its losers
                fields=["merged_into"],
                name="profile_by_winner",
                condition=models.Q(merged_into__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.uuid)


class Record(models.Model):
    """A source's own view of a person, never overwritten by another source.

    `traits` maps a trait's name to `[value, ISO time it was said]`.
    """

    source_id = models.BigIntegerField()
    key = models.TextField()
    """`user:` or `anon:` and the id for tracking calls; the import's own key otherwise."""
    profile_id = models.BigIntegerField()
    home_id = models.BigIntegerField()
    """The profile that was made for it, or that it joined when it came: un-merging gives that profile back."""
    traits = models.JSONField(default=dict)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source_id", "key"], name="record_key")]
        indexes = [models.Index(fields=["profile_id"], name="record_by_profile")]  # survivorship, profile page

    def __str__(self) -> str:
        return self.key


HINT = "hint"
NAMING = ("", HINT)


class IdentifierQuerySet(models.QuerySet["Identifier"]):
    def naming(self) -> "IdentifierQuerySet":
        """Those that are their record's own, though some join nobody; the others were dropped for a conflict."""
        return self.filter(dropped_for__in=NAMING)


class Identifier(models.Model):
    """An edge: this record was seen with this value. Two records with the same value are one person."""

    namespace = models.CharField(max_length=60)
    value = models.TextField()
    record_id = models.BigIntegerField()
    profile_id = models.BigIntegerField()
    first_seen_at = models.DateTimeField()
    dropped_for = models.CharField(max_length=20, blank=True, default="", db_default="")
    """Why it does not join its record with others: `hard`, `limit`, `apart`, `blocked`, `shared`, or `hint` for a kind
    that joins nobody by itself; empty if it does."""

    objects = IdentifierQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["namespace", "value", "record_id"], name="identifier_edge")]
        indexes = [
            models.Index(fields=["profile_id"], name="identifier_by_profile"),  # profile page
            models.Index(fields=["record_id"], name="identifier_by_record"),  # the component of a record
            models.Index(fields=["value"], name="identifier_by_value", opclasses=["text_pattern_ops"]),  # search
            models.Index(  # conflicts: the quality page, and whether the order of edges matters
                fields=["profile_id", "dropped_for"],
                name="identifier_dropped",
                condition=~models.Q(dropped_for=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.namespace}:{self.value}"

    @property
    def is_naming(self) -> bool:
        return self.dropped_for in NAMING


class ProfileChange(models.Model):
    """What changed about a person, when and because of what. Append-only."""

    profile_id = models.BigIntegerField()
    record_id = models.BigIntegerField(null=True)
    what = models.CharField(max_length=200)
    """A trait's name, or `@merged`, `@created`."""
    old = models.JSONField(null=True)
    new = models.JSONField(null=True)
    cause = models.CharField(max_length=200)
    """`message:<source>:<message id>`, `import:<job>`, `user:<id>`, `merge:<id>`."""
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["profile_id", "what", "at"], name="change_by_profile"),  # history of a trait
        ]

    def __str__(self) -> str:
        return self.what


class Touched(models.Model):
    """Profiles whose facts changed: one queue per reader, claimed and deleted by that reader alone."""

    reader = models.CharField(max_length=20)
    profile_id = models.BigIntegerField()
    names = models.JSONField(default=list)
    """Event names (`event:…`) and trait names (`trait:…`) that changed."""
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["reader", "id"], name="touched_queue")]  # the reader's claim

    def __str__(self) -> str:
        return f"{self.reader}:{self.profile_id}"
