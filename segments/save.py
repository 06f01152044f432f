"""Makes and changes segments. Another rule leaves the segment stale; the caller rings for its full refresh."""

from datetime import datetime
from typing import Any

from django.db import connection, transaction

from cdp.accounts.models import User
from cdp.rules.fields import RuleError
from cdp.rules.parse import parse
from cdp.rules.tree import Node, leaves
from segments import versions
from segments.listed_leaf import ListedLeaf
from segments.models import Segment
from segments.order import refuse_circle
from segments.schedule import LIVE, Schedule
from segments.uses import uses_of
from segments.versions import Draft

RULES_LOCK = 7_305_010
"""Two changes at once could together close a circle that neither closes alone."""

FIELDS = ("name", "description", "rule", "pace", "cron")


class StillUsed(Exception):
    """Other segments or campaigns are built on this one. Change them first."""


class NameTaken(Exception):
    """Another segment has this name."""


class Changed(Exception):
    """Somebody else changed the segment meanwhile."""

    def __init__(self, segment: Segment) -> None:
        newest = segment.versions.order_by("-number").select_related("by").first()
        who = newest.by.email if newest and newest.by else "Somebody"
        super().__init__(
            f"{who} saved version {segment.version} while you were working. Look at what changed; to save yours all the"
            " same, save it once more."
        )
        self.version = segment.version


def create(
    name: str, *, rule: Any, by: User | None, now: datetime, description: str = "", schedule: Schedule = LIVE
) -> Segment:
    """Raises RuleError if the rule cannot be used, NameTaken."""
    readable(rule)
    with transaction.atomic():
        lock_rules()
        refuse_name(name)
        segment = Segment.objects.create(
            name=name,
            description=description,
            rule=rule,
            pace=schedule.pace,
            cron=schedule.cron,
            due_at=schedule.next_after(now),
            created_by=by,
            created_at=now,
            changed_at=now,
        )
        versions.note(segment, by=by, now=now)
    return segment


def change(
    segment: Segment, draft: Draft, *, by: User | None, now: datetime, opened: int | None = None, words: str = ""
) -> Segment:
    """Writes a version if anything is another. `opened` is the version that the editor saw: raises Changed if it is not
    the newest any more. Raises RuleError if the rule cannot be used, or would make the segment depend on itself."""
    with transaction.atomic():
        lock_rules()
        locked = Segment.objects.select_for_update().get(pk=segment.pk)
        if opened is not None and opened != locked.version:
            raise Changed(locked)
        before = [getattr(locked, name) for name in FIELDS]
        if locked.rule != draft.rule:
            _take_rule(locked, draft.rule)
        if locked.name != draft.name:
            refuse_name(draft.name)
        _take_rest(locked, draft, now=now)
        if before == [getattr(locked, name) for name in FIELDS]:
            return locked
        locked.version += 1
        locked.changed_at = now
        locked.save(update_fields=[*FIELDS, "version", "changed_at", "is_stale", "due_at", "retry_at", "failures"])
        versions.note(locked, by=by, now=now, words=words)
    return locked


def _take_rule(locked: Segment, rule: Any) -> None:
    if locked.kind == Segment.Kind.STATIC:
        raise RuleError("root", "a fixed list has no rule: add people to it, or take them off")
    refuse_circle(locked.pk, readable(rule))
    locked.rule, locked.is_stale = rule, True
    locked.retry_at, locked.failures = None, 0


def _take_rest(locked: Segment, draft: Draft, *, now: datetime) -> None:
    locked.name, locked.description = draft.name, draft.description
    if (locked.pace, locked.cron) != (draft.schedule.pace, draft.schedule.cron):
        # Facts that came meanwhile were not followed: a segment that becomes live begins with a full refresh.
        locked.is_stale = locked.is_stale or not draft.schedule.times
        locked.pace, locked.cron = draft.schedule.pace, draft.schedule.cron
        locked.due_at = draft.schedule.next_after(now)


def move(segment: Segment, *, folder: str) -> None:
    """No version: where it lies says nothing of who is in it."""
    Segment.objects.filter(pk=segment.pk).update(folder=folder.strip())


def archive(segment: Segment, *, now: datetime) -> None:
    """It keeps its members as they are; rules can no longer name it. Raises StillUsed."""
    with transaction.atomic():
        lock_rules()
        if using := [use.name for use in uses_of([segment.pk])[segment.pk] if not use.is_over]:
            raise StillUsed(", ".join(using))
        Segment.objects.filter(pk=segment.pk).update(archived_at=now)


def readable(rule: Any) -> Node:
    """A rule that people may write. Raises RuleError."""
    node = parse(rule)
    if any(isinstance(leaf, ListedLeaf) for leaf in leaves(node)):
        raise RuleError("root", "names a list of people: say “in the segment” of that list instead")
    return node


def refuse_name(name: str) -> None:
    if Segment.objects.filter(name=name).exists():
        raise NameTaken


def lock_rules() -> None:
    """Until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [RULES_LOCK])
