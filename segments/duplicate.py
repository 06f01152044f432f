"""A copy of a segment, to change without touching the first."""

from datetime import datetime
from itertools import count
from zoneinfo import ZoneInfo

from django.db import transaction

from cdp.accounts.models import User
from segments import save
from segments.models import Segment
from segments.schedule import schedule_of
from segments.snapshot import of_segment, static_from

LONGEST = Segment._meta.get_field("name").max_length or 0


def duplicate(segment: Segment, *, by: User | None, now: datetime, zone: ZoneInfo) -> Segment:
    """A rule with its pace, or the list with its people. Raises RuleError if the rule cannot be used any more."""
    with transaction.atomic():
        name = _free_name(segment.name)
        if segment.kind == Segment.Kind.STATIC:
            made = static_from(of_segment(segment.pk), name=name, by=by, now=now)
        else:
            made = save.create(name, rule=segment.rule, by=by, now=now, schedule=schedule_of(segment, zone))
        made.description, made.folder = segment.description, segment.folder
        made.save(update_fields=["description", "folder"])
    return made


def _free_name(name: str) -> str:
    for number in count(1):
        start = "Copy of " if number == 1 else f"Copy {number} of "
        found = f"{start}{name}"[:LONGEST]
        if not Segment.objects.filter(name=found).exists():
            return found
    raise AssertionError("counting does not end")
