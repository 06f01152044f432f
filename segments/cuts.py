"""Publishes the boundaries in the whole population (top tenth, top 1,000 …) that active segments compare with."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from cdp.profiles.touched import touch
from cdp.rules.cuts import WantedCut, wanted_cuts
from cdp.rules.kept_cuts import Published, publish
from cdp.rules.models import PublishedCut
from cdp.rules.sets import moved_by
from segments.listing import MOST_TOUCHED
from segments.models import Segment
from segments.order import parsed
from segments.refresh import mark_stale

UNUSED_FOR = timedelta(days=1)
"""A boundary that no segment names for so long is forgotten; a segment that is just being saved may name it."""
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Publishing:
    """What one night did."""

    measured: int = 0
    moved: int = 0
    """Boundaries that are elsewhere than before."""
    people: int = 0
    """Between the old places and the new; those of boundaries that asked for full refreshes are not counted."""
    forgotten: int = 0


def publish_all(*, now: datetime, zone: ZoneInfo) -> Publishing:
    """Measures all anew. Each is published and told in a transaction of its own."""
    wanted = wanted_of_all()
    told = [_publish(one, now=now, zone=zone) for one in wanted.values()]
    unused = PublishedCut.objects.exclude(key__in=list(wanted)).filter(measured_at__lt=now - UNUSED_FOR)
    forgotten, _ = unused.delete()
    return Publishing(
        measured=len(told),
        moved=sum(is_moved for is_moved, _ in told),
        people=sum(people for _, people in told),
        forgotten=forgotten,
    )


def wanted_of_all() -> dict[str, WantedCut]:
    """By their key: a boundary that several segments name is measured once."""
    nodes = parsed(Segment.objects.filter(archived_at=None))
    return {key: one for node in nodes.values() for key, one in wanted_cuts(node).items()}


def _publish(wanted: WantedCut, *, now: datetime, zone: ZoneInfo) -> tuple[bool, int]:
    with transaction.atomic():
        done = publish(wanted, now=now, zone=zone)
        if done.old is not None and done.old.value == done.new.value:
            return False, 0
        return True, _tell(done, now=now, zone=zone)


def _tell(done: Published, *, now: datetime, zone: ZoneInfo) -> int:
    """Whoever lies between the old place and the new may have entered or left; of so many a full refresh takes care."""
    fact = f"cut:{done.wanted.key}"
    moved = None if done.old is None else moved_by(done.wanted, old=done.old, new=done.new, now=now, zone=zone)
    if moved is None or len(moved) > MOST_TOUCHED:
        log.info("Cut %s moved: segments %s wait for a full refresh.", done.wanted.key, mark_stale(fact))
        return 0
    with connection.cursor() as cursor:
        touch(cursor, {profile_id: [fact] for profile_id in sorted(moved)}, now=now)
    return len(moved)
