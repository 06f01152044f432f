"""Sets a predictor up, changes it, puts it away and takes it out again. What a change does is told before and after."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from cdp.accounts.models import User
from scoring.models import Predictor
from scoring.uses import refuse_used
from segments.models import Segment
from segments.schedule import Schedule

ANEW = ("event_name", "target", "population", "days", "traits")
"""What it learns: changed, it has to learn anew. Its kind stays what it is: rules that name it rely on that."""
AT_NEXT_SCORING = ("low_below", "high_from")


class Archived(Exception):
    """It is archived. Restore it first."""


@dataclass(frozen=True)
class Draft:
    """What one says of a predictor; `schedule` is a cron expression that can be read."""

    name: str
    kind: str
    days: int
    event_name: str = ""
    target: Any = None
    population: Any = None
    traits: list[str] = field(default_factory=list)
    low_below: float = 50
    high_from: float = 80
    schedule: str = "10 3 * * *"
    trains_every_days: int = 7
    is_automatic: bool = True

    def values(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    def predictor(self) -> Predictor:
        """Unsaved: to look what it would be like."""
        return Predictor(**self.values())


def create(draft: Draft, *, by: User | None, now: datetime, zone: ZoneInfo) -> Predictor:
    """It is neither trained nor scored yet."""
    due_at = next_time(draft.schedule, now=now, zone=zone)
    return Predictor.objects.create(created_by=by, created_at=now, due_at=due_at, **draft.values())


@transaction.atomic
def change(predictor: Predictor, draft: Draft, *, now: datetime, zone: ZoneInfo) -> Mapping[str, tuple[Any, Any]]:
    """Field → before and after, of what differs; the kind stays. Raises Archived."""
    locked = Predictor.objects.select_for_update().get(pk=predictor.pk)
    if locked.archived_at:
        raise Archived
    wanted = draft.values() | {"kind": locked.kind}
    changes = {name: (getattr(locked, name), value) for name, value in wanted.items() if getattr(locked, name) != value}
    for name, (_, value) in changes.items():
        setattr(locked, name, value)
    if "schedule" in changes:
        locked.due_at = next_time(locked.schedule, now=now, zone=zone)
    locked.save(update_fields=[*changes, "due_at"])
    return changes


def learns_anew(changes: Mapping[str, Any]) -> bool:
    return any(name in changes for name in ANEW)


@transaction.atomic
def archive(predictor: Predictor, *, now: datetime) -> None:
    """It no longer trains or scores. Its versions and the scores people have are kept. Raises StillUsed."""
    refuse_used(predictor)
    Predictor.objects.filter(pk=predictor.pk, archived_at=None).update(archived_at=now, due_at=None)


def restore(predictor: Predictor, *, now: datetime, zone: ZoneInfo) -> None:
    """Everybody is scored at the next time of its schedule."""
    due_at = next_time(predictor.schedule, now=now, zone=zone)
    Predictor.objects.filter(pk=predictor.pk).exclude(archived_at=None).update(archived_at=None, due_at=due_at)


def next_time(schedule: str, *, now: datetime, zone: ZoneInfo) -> datetime | None:
    return Schedule(Segment.Pace.CRON, schedule, zone).next_after(now)
