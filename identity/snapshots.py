"""Takes the quality figures of identity, keeps them, and says so when something looks wrong."""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import connection

from identity import figures
from identity.models import IdentitySnapshot

KEPT = timedelta(days=90)
log = logging.getLogger(__name__)


def take(*, now: datetime, report: Callable[[int, int], None] = lambda done, of: None) -> IdentitySnapshot:
    """Counts everything; minutes at most, whatever the size."""
    began, found, steps = time.monotonic(), figures.Figures(), len(figures.COUNTERS) + 1
    with connection.cursor() as cursor:
        for i, counter in enumerate(figures.COUNTERS, start=1):
            found |= counter(cursor)
            report(i, steps)
        found |= figures.merges(cursor, now=now)
        rate = figures.rate(cursor, found, now=now)
    whole = figures.totals(found)
    made = IdentitySnapshot.objects.create(
        at=now,
        took_ms=round(1000 * (time.monotonic() - began)),
        people=whole["people"],
        records=whole["records"],
        merges_24h=rate["last_24h"],
        usual_merges=rate["usual"],
        is_alarm=rate["is_alarm"],
        strays=sum(found["strays"].values()),
        figures=found,
    )
    IdentitySnapshot.objects.filter(at__lt=now - KEPT).delete()
    _warn(made)
    report(steps, steps)
    return made


def latest() -> IdentitySnapshot | None:
    return IdentitySnapshot.objects.order_by("-at", "-id").first()


def _warn(one: IdentitySnapshot) -> None:
    if one.is_alarm:
        log.warning("%s merges in 24 hours, usual are %s: see People, Quality.", one.merges_24h, one.usual_merges)
    if one.strays:
        log.error("%s rows name a profile that was merged away: %s", one.strays, one.figures["strays"])
