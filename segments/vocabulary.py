"""What the rule builder offers: names that the data really has. Apps above add theirs."""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.db.models import Sum

from cdp.events.models import EventProperty, EventVolume
from segments.models import Segment

MOST = 300
LATEST = 2_000
"""Profiles whose traits are looked at: names repeat, so the latest tell nearly all of them."""

Named = list[dict[str, Any]]
_more: dict[str, Callable[[], Named]] = {"predictors": list}


def add(name: str, read: Callable[[], Named]) -> None:
    _more[name] = read


def vocabulary(*, without_segment: int = 0) -> dict[str, Named]:
    segments = Segment.objects.filter(archived_at=None).exclude(pk=without_segment).order_by("name")
    return {
        "events": _events(),
        "properties": _properties(),
        "traits": _traits(),
        "segments": [{"id": pk, "name": name} for pk, name in segments.values_list("pk", "name")[:MOST]],
        **{name: read() for name, read in _more.items()},
    }


def _events() -> Named:
    rows = EventVolume.objects.values("name").annotate(total=Sum("n")).order_by("-total")[:MOST]
    return [{"name": row["name"], "note": f"{row['total']:,}"} for row in rows]


def _properties() -> Named:
    rows = EventProperty.objects.values("property").annotate(total=Sum("n")).order_by("-total")[:MOST]
    return [{"name": row["property"], "note": f"{row['total']:,}"} for row in rows]


def _traits() -> Named:
    with connection.cursor() as cursor:
        cursor.execute(
            "select name, count(*) from (select jsonb_object_keys(traits) from (select traits from profiles_profile"
            " where merged_into is null order by last_seen_at desc limit %s) latest) keys(name)"
            " group by name order by count(*) desc, name limit %s",
            [LATEST, MOST],
        )
        return [{"name": name, "note": ""} for name, _ in cursor.fetchall()]
