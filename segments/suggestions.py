"""What the pickers of the rule builder offer: names and values that the data really has, the frequent ones first.

Values are counted in the latest events or people only: these tell nearly all of them, at any size of the database.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Count, Q, Sum

from cdp.events.models import EventProperty, EventVolume, Item
from cdp.rules.references import COLUMNS, NUMBERS

MOST = 50
LATEST, LATEST_FOR_TEXT = 2_000, 10_000
"""Events or people looked at; more when a text is looked for, which may be rare."""
DAY = r"^[12]\d{3}-\d\d-\d\d([T ]\d\d:\d\d.*)?$"
TYPES = {"integer": "number", "string": "text", "array": "list"}
"""The words of the builder for types of JSON."""
_LATEST_EVENTS = (
    "(select item_id, properties from events_event where name = %(name)s order by occurred_at desc limit %(latest)s) e"
)
_LATEST_PEOPLE = (
    "(select traits from profiles_profile where merged_into is null order by last_seen_on desc, id desc"
    " limit %(latest)s) p"
)


@dataclass(frozen=True)
class Suggestion:
    value: Any
    n: int | None = None
    type: str = ""
    note: str = ""
    column: bool = False
    """A column that is kept for the usual properties, not a property."""


@dataclass(frozen=True)
class Asked:
    """`text`: what was typed so far. The others say whose names or values are wanted; `of` is a property."""

    text: str = ""
    name: str = ""
    of: str = ""
    column: str = ""

    @property
    def latest(self) -> int:
        return LATEST_FOR_TEXT if self.text else LATEST

    @property
    def pattern(self) -> str:
        escaped = self.text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        return f"%{escaped}%"


def events(asked: Asked) -> list[Suggestion]:
    rows = EventVolume.objects.filter(name__icontains=asked.text).values("name").annotate(total=Sum("n"))
    return [Suggestion(row["name"], row["total"]) for row in rows.order_by("-total", "name")[:MOST]]


def properties(asked: Asked) -> list[Suggestion]:
    """Of an event, with the type that each mostly has; first the columns that hold for every event."""
    rows = EventProperty.objects.filter(name=asked.name, property__icontains=asked.text)
    counted: dict[str, dict[str, int]] = {}
    for name, kind, n in rows.values_list("property", "type").annotate(total=Sum("n")).order_by("-total"):
        counted.setdefault(name, {})[TYPES.get(kind, kind)] = n
    dates = _date_properties(asked.name)
    found = [
        Suggestion(name, sum(kinds.values()), "date" if name in dates else _main(kinds))
        for name, kinds in counted.items()
    ]
    found.sort(key=lambda one: -(one.n or 0))
    kept = [Suggestion(name, None, kind, column=True) for name, kind in _columns() if asked.text.lower() in name]
    return kept + found[: 4 * MOST]


def _columns() -> list[tuple[str, str]]:
    return [(name, "number" if name in NUMBERS else "text") for name in COLUMNS]


def values(asked: Asked) -> list[Suggestion]:
    """Of a property or column of an event."""
    if asked.column in ("category", "brand"):
        return _catalogue(asked.column, asked)
    if asked.column in NUMBERS or asked.column == "date":
        return []
    value = "to_jsonb(item_id)" if asked.column == "item" else "properties -> %(property)s"
    if asked.column == "item":
        return _named_items(_frequent(f"select {value} from {_LATEST_EVENTS}", asked))
    return _frequent(f"select {value} from {_LATEST_EVENTS}", asked)


def traits(asked: Asked) -> list[Suggestion]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select t.key, sum(n)::bigint, (array_agg(kind order by n desc))[1] from ("
            f" select e.key, case when jsonb_typeof(e.value) = 'string' and e.value #>> '{{}}' ~ '{DAY}' then 'date'"
            f" else jsonb_typeof(e.value) end as kind, count(*) as n from (select traits from {_LATEST_PEOPLE}) p,"
            " jsonb_each(p.traits) e where jsonb_typeof(e.value) <> 'null' group by 1, 2) t"
            " where t.key ilike %(pattern)s group by t.key order by 2 desc, 1 limit %(most)s",
            {"latest": LATEST, "pattern": asked.pattern, "most": 4 * MOST},
        )
        return [Suggestion(name, n, TYPES.get(kind, kind)) for name, n, kind in cursor.fetchall()]


def trait_values(asked: Asked) -> list[Suggestion]:
    return _frequent(f"select traits -> %(name)s from {_LATEST_PEOPLE}", asked)


def computed_values(asked: Asked) -> list[Suggestion]:
    return _frequent(
        "select v.found from (select coalesce(to_jsonb(c.text), c.list) as found from analytics_computedvalue c"
        " where c.trait_id = (select t.id from analytics_computedtrait t where t.key = %(name)s"
        " and not t.is_removed)"
        " limit %(latest)s) v",
        asked,
    )


def items(asked: Asked) -> list[Suggestion]:
    rows = Item.objects.filter(Q(name__icontains=asked.text) | Q(id__istartswith=asked.text)).order_by("name", "id")
    return [Suggestion(pk, None, "text", name) for pk, name in rows.values_list("id", "name")[:MOST]]


def categories(asked: Asked) -> list[Suggestion]:
    return _catalogue("category", asked)


def brands(asked: Asked) -> list[Suggestion]:
    return _catalogue("brand", asked)


KINDS: Mapping[str, Callable[[Asked], Sequence[Suggestion]]] = {
    "events": events,
    "properties": properties,
    "values": values,
    "traits": traits,
    "trait_values": trait_values,
    "computed_values": computed_values,
    "items": items,
    "categories": categories,
    "brands": brands,
}


def _frequent(selected: str, asked: Asked) -> list[Suggestion]:
    """Single values, and the entries of lists."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select v.one, count(*) from (select jsonb_array_elements(case when jsonb_typeof(s.found) = 'array'"
            f" then s.found else jsonb_build_array(s.found) end) as one from ({selected}) s (found)"
            " where s.found is not null) v where jsonb_typeof(v.one) in ('string', 'number', 'boolean')"
            " and v.one #>> '{}' ilike %(pattern)s group by 1 order by 2 desc, 1 limit %(most)s",
            {
                "name": asked.name,
                "property": asked.of,
                "latest": asked.latest,
                "pattern": asked.pattern,
                "most": MOST,
            },
        )
        found = [(json.loads(value), n) for value, n in cursor.fetchall()]
        return [Suggestion(value, n, _type(value)) for value, n in found]


def _named_items(found: Sequence[Suggestion]) -> list[Suggestion]:
    names = dict(Item.objects.filter(pk__in=[one.value for one in found]).values_list("pk", "name"))
    return [Suggestion(one.value, one.n, "text", names.get(one.value, "")) for one in found]


def _catalogue(column: str, asked: Asked) -> list[Suggestion]:
    rows = Item.objects.filter(**{f"{column}__icontains": asked.text}).exclude(**{column: ""})
    counted = rows.values(column).annotate(n=Count("*")).order_by("-n", column)
    return [Suggestion(row[column], row["n"], "text") for row in counted[:MOST]]


def _date_properties(event: str) -> set[str]:
    """Those whose texts are mostly days or times."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"select p.key from (select properties from {_LATEST_EVENTS}) e, jsonb_each(e.properties) p"
            " where jsonb_typeof(p.value) = 'string' group by p.key"
            f" having avg((p.value #>> '{{}}' ~ '{DAY}')::int) > 0.5",
            {"name": event, "latest": 200},
        )
        return {row[0] for row in cursor.fetchall()}


def _main(kinds: Mapping[str, int]) -> str:
    known = {kind: n for kind, n in kinds.items() if kind != "null"}
    return max(known, key=lambda kind: known[kind]) if known else ""


def _type(value: object) -> str:
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, int | float) else "text"
