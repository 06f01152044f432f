"""What a segment was after each change: written with the change, compared, and gone back to."""

from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

from cdp.accounts.models import User
from segments.models import Segment, SegmentVersion
from segments.rule_difference import RuleDifference, difference
from segments.schedule import Schedule


@dataclass(frozen=True)
class Draft:
    """What a segment shall be."""

    name: str
    rule: Any
    description: str = ""
    schedule: Schedule = field(default_factory=Schedule)


@dataclass(frozen=True)
class Changed:
    """What one version made of the one before it."""

    version: SegmentVersion
    rule: RuleDifference
    others: tuple[str, ...]
    """Sentences about the name, the description and the pace."""


def note(segment: Segment, *, by: User | None, now: datetime, words: str = "") -> None:
    """The segment as it stands is its newest version."""
    SegmentVersion.objects.create(
        segment=segment,
        number=segment.version,
        name=segment.name,
        description=segment.description,
        rule=segment.rule,
        pace=segment.pace,
        cron=segment.cron,
        note=words[:200],
        by=by,
        at=now,
    )


def what_changed(newest_first: list[SegmentVersion]) -> list[Changed]:
    """Of each but the last given, against the one after it in the list; the very first has nothing before it."""
    told = [Changed(new, difference(old.rule, new.rule), _others(old, new)) for new, old in pairwise(newest_first)]
    first = newest_first[-1:]
    return told + [Changed(one, RuleDifference(), ()) for one in first if one.number == 1]


def between(old: SegmentVersion, new: SegmentVersion) -> Changed:
    return Changed(new, difference(old.rule, new.rule), _others(old, new))


def _others(old: SegmentVersion, new: SegmentVersion) -> tuple[str, ...]:
    told = []
    if old.name != new.name:
        told.append(f"Renamed from “{old.name}” to “{new.name}”")
    if old.description != new.description:
        told.append("Its description was changed" if new.description else "Its description was removed")
    if (old.pace, old.cron) != (new.pace, new.cron):
        told.append(f"Refreshed {_pace(new)} instead of {_pace(old)}")
    return tuple(told)


def _pace(version: SegmentVersion) -> str:
    return f"at “{version.cron}”" if version.cron else version.get_pace_display().lower()
