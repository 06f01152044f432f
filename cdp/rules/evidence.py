"""What a condition saw of a person: the value it compares, and the raw events behind it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from cdp.rules.sets import NO_CUTS
from cdp.rules.sql import Sql, fill, join
from cdp.rules.tree import UTC, Cut, Leaf, Scope

WHICH = "profile_id, occurred_at, message_id, source_id"
"""The columns that `Leaf.behind` selects."""
AT_ONCE = 25
"""Conditions in one statement: planning grows with them."""
# The events are looked up last, when few are left of those that count.
_NEWEST = f"""
select k.n, k.profile_id, k.total, e.name, e.occurred_at, e.item_id, e.value, e.properties::text
  from (select b.*, count(*) over (partition by b.n, b.profile_id) as total,
               row_number() over (partition by b.n, b.profile_id
                                  order by b.occurred_at desc, b.message_id desc, b.source_id desc) as nth
          from (select distinct n, {WHICH} from ({{behind}}) u) b) k
  join events_event e using ({WHICH})
 where k.nth <= {{limit}} and e.profile_id = any({{ids}}) order by k.n, k.profile_id, k.nth
"""


@dataclass(frozen=True)
class SeenEvent:
    name: str
    occurred_at: datetime
    item_id: str | None
    value: Decimal | None
    properties: Mapping[str, Any]


@dataclass(frozen=True)
class Evidence:
    seen: str = ""
    """Empty where nothing is known or happened."""
    events: tuple[SeenEvent, ...] = ()
    """The newest of those that count; where the condition says “not”, of those that spoil it."""
    n_events: int = 0
    """How many there are in all."""


def evidence(
    leaf: Leaf,
    profile_id: int,
    *,
    now: datetime,
    zone: ZoneInfo = UTC,
    cuts: Mapping[str, Cut] = NO_CUTS,
    limit: int = 5,
) -> Evidence:
    return evidences([leaf], Scope(now, [profile_id], zone, cuts), limit=limit)[profile_id][0]


def evidences(leaves: Sequence[Leaf], scope: Scope, *, limit: int = 5) -> dict[int, list[Evidence]]:
    """For each profile of `scope.ids` one for each leaf, in their order: two statements for all of it."""
    ids = scope.ids or ()
    seen = values_seen(leaves, scope)
    events = _events(leaves, scope, limit)
    return {
        profile_id: [
            Evidence(seen.get((n, profile_id), ""), *events.get((n, profile_id), ((), 0))) for n in range(len(leaves))
        ]
        for profile_id in ids
    }


def values_seen(leaves: Sequence[Leaf], scope: Scope) -> dict[tuple[int, int], str]:
    """By (which leaf, profile id): what the leaf compares, where there is something."""
    found = {}
    for some in _few([(n, leaf.observed(scope)) for n, leaf in enumerate(leaves)]):
        each = [fill("select {n} as n, o.id, o.seen::text from ({sql}) o (id, seen)", n=n, sql=sql) for n, sql in some]
        found.update({(n, profile_id): seen for n, profile_id, seen in rows(join(" union all ", each)) if seen})
    return found


def rows(sql: Sql) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql.text, sql.values)
        return list(cursor.fetchall())


def _events(
    leaves: Sequence[Leaf], scope: Scope, limit: int
) -> dict[tuple[int, int], tuple[tuple[SeenEvent, ...], int]]:
    behind = [(n, sql) for n, leaf in enumerate(leaves) if (sql := leaf.behind(scope)) is not None]
    totals: dict[tuple[int, int], int] = {}
    newest: dict[tuple[int, int], list[SeenEvent]] = {}
    for some in _few(behind):
        each = [fill(f"select {{n}} as n, {WHICH} from ({{sql}}) one", n=n, sql=sql) for n, sql in some]
        sql = fill(_NEWEST, behind=join(" union all ", each), limit=limit, ids=list(scope.ids or ()))
        for n, profile_id, total, name, at, item_id, value, properties in rows(sql):
            totals[n, profile_id] = total
            newest.setdefault((n, profile_id), []).append(SeenEvent(name, at, item_id, value, json.loads(properties)))
    return {key: (tuple(found), totals[key]) for key, found in newest.items()}


def _few(parts: Sequence[tuple[int, Sql]]) -> list[Sequence[tuple[int, Sql]]]:
    return [parts[start : start + AT_ONCE] for start in range(0, len(parts), AT_ONCE)]
