"""A segment that cannot be refreshed says so, waits for a full refresh, and is tried again less and less often."""

import logging
from datetime import datetime, timedelta

from django.db import DatabaseError
from psycopg2.errors import QueryCanceled

from cdp.common.claims import GIVEN_BACK
from segments.models import Segment

FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=1)
TOO_SLOW = "It took longer than it may: its rule asks for too much at once, or the database is busy."

log = logging.getLogger(__name__)


def fail(segment_id: int, error: Exception, *, now: datetime) -> None:
    """The caller holds the segment's lock or is in no transaction."""
    said = TOO_SLOW if isinstance(error.__cause__, QueryCanceled) else str(error)
    log.warning("Segment %s could not be refreshed: %s", segment_id, said.split("\n", maxsplit=1)[0])
    failures = Segment.objects.values_list("failures", flat=True).get(pk=segment_id) + 1
    wait = min(FIRST_WAIT * 2 ** min(failures - 1, 10), LONGEST_WAIT)
    Segment.objects.filter(pk=segment_id).update(
        is_stale=True, error=said[:1000], failures=min(failures, 32_767), retry_at=now + wait
    )


def is_its_own(error: Exception) -> bool:
    """Whether the statement is at fault, and not that the database goes away or takes the claim back."""
    if isinstance(error, GIVEN_BACK):
        return isinstance(error.__cause__, QueryCanceled)
    return isinstance(error, DatabaseError)
