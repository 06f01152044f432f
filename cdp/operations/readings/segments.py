"""How right segments are."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q

from segments.models import Segment


@dataclass(frozen=True)
class Lag:
    """`worst_s`: how far the live segment that is furthest behind is behind; those that wait for a full refresh or
    fail are counted apart."""

    worst_s: float
    worst: Segment | None
    current: int
    waiting: int
    failing: int


def lag(*, now: datetime) -> Lag:
    in_use = Segment.objects.filter(archived_at=None)
    fails, waits = ~Q(error=""), Q(error="", is_stale=True)
    figures = in_use.aggregate(
        failing=Count("id", filter=fails),
        waiting=Count("id", filter=waits),
        current=Count("id", filter=Q(error="", is_stale=False)),
    )
    live = in_use.filter(pace=Segment.Pace.LIVE, is_stale=False, error="", as_of__isnull=False)
    behind = live.aggregate(at=Min("as_of"))["at"]
    worst = live.filter(as_of=behind).first() if behind else None
    return Lag(max(0.0, (now - behind).total_seconds()) if behind else 0.0, worst, **figures)
