"""Pairs that wait for a steward, and what was decided today."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Count, Q

from identity.models import Decision, IdentitySnapshot

COUNTED_UP_TO = 20_000
# By the index of the review queue.
WAITING = "select count(*) from (select 1 from identity_candidate where state = %s limit %s) few"


@dataclass(frozen=True)
class Duplicates:
    open: int
    is_exact: bool
    later: int
    merged: int
    apart: int
    undone: int
    snapshot: IdentitySnapshot | None
    """What was counted of everybody within the last hour."""

    @property
    def decided(self) -> int:
        return self.merged + self.apart


def duplicates(*, today_began: datetime) -> Duplicates:
    holds, verdict = Q(undone_at=None), Decision.Verdict
    today = Decision.objects.filter(at__gte=today_began).aggregate(
        merged=Count("id", filter=holds & Q(verdict=verdict.SAME)),
        apart=Count("id", filter=holds & Q(verdict=verdict.DIFFERENT)),
        undone=Count("id", filter=~holds),
    )
    n = _waiting("open")
    return Duplicates(
        open=min(n, COUNTED_UP_TO),
        is_exact=n <= COUNTED_UP_TO,
        later=min(_waiting("later"), COUNTED_UP_TO),
        snapshot=IdentitySnapshot.objects.order_by("-at").only("at", "people", "records", "is_alarm").first(),
        **today,
    )


def _waiting(state: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(WAITING, [state, COUNTED_UP_TO + 1])
        return int(cursor.fetchone()[0])
