"""Goals are made, changed and counted here."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from campaigns.goals.course import is_limit, is_there
from campaigns.goals.measure import Measured, measure, value_of
from campaigns.models import Goal, GoalSample
from cdp.accounts.models import User

FIELDS = ("name", "metric", "params", "population", "direction", "target", "starts_at", "ends_at")


@dataclass(frozen=True)
class Draft:
    name: str
    metric: str
    target: float
    starts_at: datetime
    ends_at: datetime
    params: dict[str, Any]
    population: Any = None
    direction: str = Goal.Direction.AT_LEAST

    def unsaved(self) -> Goal:
        return Goal(**{name: getattr(self, name) for name in FIELDS})


def create(draft: Draft, *, by: User | None, now: datetime) -> Goal:
    made = draft.unsaved()
    made.created_by, made.created_at = by, now
    made.save()
    return made


@transaction.atomic
def change(goal: Goal, draft: Draft) -> Goal:
    """What was counted of something else is no course of this: the samples go, unless only the name, the target or the
    deadline is another."""
    locked = Goal.objects.select_for_update().get(pk=goal.pk)
    counted = ("metric", "params", "population", "starts_at")
    is_other = any(getattr(locked, name) != getattr(draft, name) for name in counted)
    for name in FIELDS:
        setattr(locked, name, getattr(draft, name))
    locked.reached_at = None
    locked.save()
    if is_other:
        GoalSample.objects.filter(goal=locked).delete()
    else:
        _note_reached(locked)
    return locked


def archive(goal: Goal, *, now: datetime) -> None:
    Goal.objects.filter(pk=goal.pk, archived_at=None).update(archived_at=now)


def restore(goal: Goal) -> None:
    Goal.objects.filter(pk=goal.pk).update(archived_at=None)


def wanted(*, now: datetime) -> list[Goal]:
    """Those to be counted: under way, or over since their last count."""
    rows = Goal.objects.filter(archived_at=None, starts_at__lte=now).order_by("pk")
    return [goal for goal in rows if now < goal.ends_at or not goal.samples.filter(at__gte=goal.ends_at).exists()]


def count(goal: Goal, *, now: datetime, zone: ZoneInfo) -> GoalSample:
    """Keeps today's count, in place of an earlier one of the day. After the deadline the last count stands."""
    measured = measure(goal, now=now, zone=zone)
    said = {"at": now, "value": value_of(goal, measured.all), "figures": measured.to_json()}
    with transaction.atomic():
        locked = Goal.objects.select_for_update().get(pk=goal.pk)
        sample, _ = GoalSample.objects.update_or_create(goal=locked, on=now.astimezone(zone).date(), defaults=said)
        _note_reached(locked)
    return sample


def _note_reached(goal: Goal) -> None:
    if goal.reached_at or is_limit(goal):
        return
    for at, value in goal.samples.order_by("on").values_list("at", "value"):
        if value is not None and is_there(goal, value):
            Goal.objects.filter(pk=goal.pk).update(reached_at=at)
            return


def latest(goal: Goal) -> Measured | None:
    found = goal.samples.order_by("-on").first()
    return Measured.from_json(found.figures) if found else None
