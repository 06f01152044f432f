"""One verb for many segments at once: archive, restore, move to a folder. Who cannot follow is told, the others go."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from cdp.rules.fields import RuleError
from segments import save
from segments.models import Segment
from segments.restore import restore


@dataclass(frozen=True)
class Done:
    names: tuple[str, ...]
    refused: tuple[str, ...]
    """Why the others stayed as they were, one sentence each."""


def archive_many(segments: Sequence[Segment], *, now: datetime) -> Done:
    """Those built on others of the list go first, so that a list may hold both."""
    names, refused = list[str](), list[str]()
    waiting = [segment for segment in segments if segment.archived_at is None]
    while waiting:
        left: list[tuple[Segment, str]] = []
        for segment in waiting:
            try:
                save.archive(segment, now=now)
                names.append(segment.name)
            except save.StillUsed as error:
                left.append((segment, f"“{segment.name}” was not archived: it is used by {error}. Change that first."))
        if len(left) == len(waiting):
            refused += [words for _, words in left]
            break
        waiting = [segment for segment, _ in left]
    return Done(tuple(names), tuple(refused))


def restore_many(segments: Sequence[Segment], *, now: datetime, zone: ZoneInfo) -> Done:
    """They wait for a full refresh: nobody followed people meanwhile."""
    names, refused = list[str](), list[str]()
    for segment in sorted(segments, key=lambda one: one.pk):
        if segment.archived_at is None:
            continue
        try:
            restore(segment, now=now, zone=zone)
            names.append(segment.name)
        except RuleError as error:
            refused.append(f"“{segment.name}” was not restored: {error.message}.")
    return Done(tuple(names), tuple(refused))


def move_many(segments: Sequence[Segment], *, folder: str) -> Done:
    moved = [segment for segment in segments if segment.folder != folder]
    Segment.objects.filter(pk__in=[segment.pk for segment in moved]).update(folder=folder)
    return Done(tuple(segment.name for segment in moved), ())
