"""Which events, properties and types arrive, and how many: noted per batch, folded by one reader."""

import json
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction

from cdp.common.copying import Cursor, copy_rows
from cdp.events.message import Message

SAMPLE = 10
"""Property types are counted on that many events per name and batch; volumes on all."""
COLUMNS = ("source_id", "name", "on", "n", "properties", "violations", "at")
MOST_PROPERTIES = 200
FOLD_BATCH = 5_000


@dataclass(slots=True)
class Seen:
    n: int = 0
    violations: int = 0
    properties: dict[str, Counter[str]] = field(default_factory=dict)


def note(cursor: Cursor, events: Sequence[Message], violating: Collection[int], *, now: datetime) -> None:
    seen: dict[tuple[int, str, date], Seen] = {}
    for message in events:
        one = seen.setdefault((message.source_id, message.name, message.received_at.date()), Seen())
        one.n += 1
        one.violations += id(message) in violating
        if one.n <= SAMPLE:
            _sample(one, message.properties)
    rows = [
        (source_id, name, on, one.n, json.dumps(one.properties), one.violations, now)
        for (source_id, name, on), one in seen.items()
    ]
    copy_rows(cursor, "events_shapeseen", _quoted(COLUMNS), rows)


def _quoted(columns: Sequence[str]) -> list[str]:
    return [f'"{column}"' for column in columns]


def _sample(one: Seen, properties: dict[str, Any]) -> None:
    for name, value in list(properties.items())[:MOST_PROPERTIES]:
        one.properties.setdefault(name[:200], Counter())[type_of(value)] += 1


def type_of(value: Any) -> str:
    """The JSON Schema name of a value's type."""
    names = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return names.get(type(value), "null")


def fold(*, now: datetime) -> int:
    """Moves what was noted into the counters. One reader at a time; returns how many notes it took."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("create temporary table taken (like events_shapeseen) on commit drop")
        cursor.execute(
            "with gone as (delete from events_shapeseen where id in"
            " (select id from events_shapeseen order by id limit %s for update skip locked) returning *)"
            " insert into taken select * from gone",
            [FOLD_BATCH],
        )
        cursor.execute(
            'insert into events_eventvolume as v (source_id, name, "on", n, violations)'
            ' select source_id, name, "on", sum(n), sum(violations) from taken group by 1, 2, 3 order by 2, 1, 3'
            ' on conflict (name, source_id, "on") do update'
            " set n = v.n + excluded.n, violations = v.violations + excluded.violations"
        )
        cursor.execute(
            "insert into events_eventproperty as p (source_id, name, property, type, n, last_at)"
            " select source_id, name, property.key, kind.key, sum(kind.value::bigint), max(at) from taken,"
            " jsonb_each(properties) property, jsonb_each_text(property.value) kind group by 1, 2, 3, 4"
            " order by 2, 1, 3, 4 on conflict (name, source_id, property, type) do update"
            " set n = p.n + excluded.n, last_at = greatest(p.last_at, excluded.last_at)"
        )
        cursor.execute("select count(*) from taken")
        return int(cursor.fetchone()[0])
