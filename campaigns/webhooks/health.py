"""How endpoints did in the last day."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncHour

from campaigns.models import Endpoint, WebhookMessage

DAY = timedelta(hours=24)
State = WebhookMessage.State


@dataclass(frozen=True)
class Health:
    delivered: int = 0
    failed: int = 0
    """Whose latest attempt in the last day failed."""
    waiting: int = 0
    dead: int = 0


def health_of(endpoints: Iterable[Endpoint], *, now: datetime) -> dict[int, Health]:
    """Two statements, however many endpoints there are."""
    ids = [one.pk for one in endpoints]
    rows = WebhookMessage.objects.filter(endpoint__in=ids).order_by()
    settled: Counter[tuple[int, bool]] = Counter()
    for pk, state, n in _counted(rows.filter(settled_at__gt=now - DAY)):
        settled[pk, state == State.DELIVERED] += n
    left = {(pk, state): n for pk, state, n in _counted(rows.filter(state__in=[State.WAITING, State.DEAD]))}
    return {
        pk: Health(
            settled[pk, True], settled[pk, False], left.get((pk, State.WAITING), 0), left.get((pk, State.DEAD), 0)
        )
        for pk in ids
    }


def _counted(rows: QuerySet[WebhookMessage]) -> Iterable[tuple[int, str, int]]:
    """Endpoint, state, how many."""
    return rows.values_list("endpoint", "state").annotate(n=Count("*"))


def chart_of(endpoint: Endpoint, *, now: datetime) -> dict[str, Any]:
    """By hour (UTC), for templates/_chart.html."""
    rows = WebhookMessage.objects.filter(endpoint=endpoint, settled_at__gt=now - DAY).order_by()
    counted: Counter[tuple[datetime, bool]] = Counter()
    for hour, state, n in (
        rows.annotate(hour=TruncHour("settled_at")).values_list("hour", "state").annotate(Count("pk"))
    ):
        counted[hour, state == State.DELIVERED] += n
    first = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=23)
    hours = [first + timedelta(hours=n) for n in range(24)]
    return {
        "type": "bar",
        "stacked": True,
        "title": "Messages of the last 24 hours, by their latest attempt",
        "series": [_series("Delivered", counted, hours, True), _series("Failed", counted, hours, False)],
        "x": [f"{hour:%H}:00" for hour in hours],
        "xLabel": "Hour (UTC)",
        "yLabel": "Messages",
    }


def _series(
    name: str, counted: Mapping[tuple[datetime, bool], int], hours: Iterable[datetime], is_delivered: bool
) -> dict[str, Any]:
    return {"name": name, "data": [counted.get((hour, is_delivered), 0) for hour in hours]}
