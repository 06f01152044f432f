"""How many events of each name came per day, and which properties they had."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Max, Sum

from cdp.events.models import EventProperty, EventSchema, EventVolume

DAYS = 30
MOST = 300
HEIGHT, WIDTH = 20, 100


@dataclass(frozen=True)
class Named:
    """One event name: what of it came in the last DAYS days."""

    name: str
    n: int
    violations: int
    last_on: date | None
    has_schema: bool
    per_day: list[int] = field(default_factory=list)

    @property
    def spark(self) -> str:
        """Points of the little line of the days, for an SVG of WIDTH × HEIGHT."""
        top = max(self.per_day, default=0) or 1
        step = WIDTH / max(len(self.per_day) - 1, 1)
        return " ".join(f"{i * step:.1f},{HEIGHT - 1 - (HEIGHT - 2) * n / top:.1f}" for i, n in enumerate(self.per_day))


def days(today: date) -> list[date]:
    return [today - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]


def named(today: date, *, containing: str = "", source_id: int | None = None) -> list[Named]:
    """The names that came most, and those that have a schema."""
    recent = EventVolume.objects.filter(name__icontains=containing) if containing else EventVolume.objects.all()
    if source_id:
        recent = recent.filter(source_id=source_id)
    totals = list(recent.values("name").annotate(last_on=Max("on"), whole=Sum("n")).order_by("-whole", "name")[:MOST])
    planned = set(EventSchema.objects.filter(name__icontains=containing).values_list("name", flat=True))
    names = [row["name"] for row in totals]
    series = _series(names, today, source_id)
    found = [
        _named(row["name"], series.get(row["name"], {}), today, last_on=row["last_on"], planned=planned)
        for row in totals
    ]
    unseen = [Named(name, 0, 0, None, True, [0] * DAYS) for name in sorted(planned - set(names))]
    return sorted(found, key=lambda one: (-one.n, one.name)) + unseen


def _series(names: Sequence[str], today: date, source_id: int | None) -> dict[str, dict[date, tuple[int, int]]]:
    rows = EventVolume.objects.filter(name__in=names, on__gt=today - timedelta(days=DAYS))
    if source_id:
        rows = rows.filter(source_id=source_id)
    found: dict[str, dict[date, tuple[int, int]]] = {}
    for row in rows.values("name", "on").annotate(whole=Sum("n"), broken=Sum("violations")):
        found.setdefault(row["name"], {})[row["on"]] = (row["whole"], row["broken"])
    return found


def _named(name: str, series: dict[date, tuple[int, int]], today: date, *, last_on: date, planned: set[str]) -> Named:
    per_day = [series.get(on, (0, 0)) for on in days(today)]
    return Named(
        name,
        sum(n for n, _ in per_day),
        sum(broken for _, broken in per_day),
        last_on,
        name in planned,
        [n for n, _ in per_day],
    )


def chart(name: str, today: date, sources: dict[int, str]) -> dict[str, Any]:
    """The days of one name, by source, as static/js/chart.js draws it: at most five sources, the rest as one."""
    shown = days(today)
    rows = EventVolume.objects.filter(name=name, on__gte=shown[0])
    by: dict[int, dict[date, int]] = {}
    for row in rows:
        by.setdefault(row.source_id, {})[row.on] = row.n
    ranked = sorted(by, key=lambda source_id: -sum(by[source_id].values()))
    series = [
        {"name": sources.get(source_id, "removed source"), "data": [by[source_id].get(on, 0) for on in shown]}
        for source_id in ranked[:5]
    ]
    if ranked[5:]:
        rest = [sum(by[source_id].get(on, 0) for source_id in ranked[5:]) for on in shown]
        series.append({"name": f"{len(ranked) - 5} other sources", "data": rest})
    return {
        "title": f"“{name}” per day",
        "type": "bar",
        "stacked": True,
        "x": [f"{on:%d %b}" for on in shown],
        "xLabel": "Day (UTC)",
        "yLabel": "Events",
        "series": series,
    }


@dataclass(frozen=True)
class Property:
    name: str
    types: list[tuple[str, int]]
    n: int
    last_at: Any

    @property
    def is_mixed(self) -> bool:
        """Text here and a number there: usually a mistake of the sender's."""
        kinds = {("number" if kind == "integer" else kind) for kind, _ in self.types} - {"null"}
        return len(kinds) > 1


def properties(name: str) -> list[Property]:
    """Counted on a sample of each batch: shares are right, counts are not volumes."""
    by: dict[str, list[EventProperty]] = {}
    for one in EventProperty.objects.filter(name=name).order_by("property")[:5_000]:
        by.setdefault(one.property, []).append(one)
    found = []
    for prop, rows in by.items():
        types: dict[str, int] = {}
        for row in rows:
            types[row.type] = types.get(row.type, 0) + row.n
        ranked = sorted(types.items(), key=lambda kind: -kind[1])
        found.append(Property(prop, ranked, sum(types.values()), max(row.last_at for row in rows)))
    return sorted(found, key=lambda one: (-one.n, one.name))
