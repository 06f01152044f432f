"""Writes down what a process counted, every few seconds, in one short statement.

Web processes do it in the collector's keeper thread, workers after a task, beat between two ticks: no request and no
event waits for it.
"""

import json
from datetime import datetime, timedelta
from typing import Any, Protocol

from cdp.common import tally
from cdp.operations.logs import counted

EVERY_S = 5.0
ERRORS_KEPT = timedelta(days=8)

# Whoever must wait for another process tries again later. Sorted, so that no two wait for each other.
_WAIT = "select set_config('lock_timeout', '500ms', true);"
_TALLY = """
insert into operations_tally (metric, labels, value)
select t.metric, t.labels::jsonb, t.n
  from unnest(%s::text[], %s::text[], %s::float8[]) t (metric, labels, n) order by 1, 2
on conflict (metric, labels) do update set value = operations_tally.value + excluded.value;"""
_ERRORS = """
insert into operations_errorcount (hour, level, logger, kind, n)
select date_trunc('hour', %s::timestamptz), t.level, t.logger, t.kind, t.n
  from unnest(%s::text[], %s::text[], %s::text[], %s::bigint[]) t (level, logger, kind, n) order by 2, 3, 4
on conflict (hour, level, logger, kind) do update set n = operations_errorcount.n + excluded.n;"""


class Cursor(Protocol):
    """Django's, or psycopg2's own in autocommit."""

    def execute(self, sql: str, params: Any = None) -> Any: ...


def write(cursor: Cursor, *, now: datetime) -> None:
    """All counted since the last time, or nothing: then it is kept for the next."""
    counts, errors = tally.take(), counted.take()
    if not counts and not errors:
        return
    metrics = [(metric, json.dumps(list(labels)), n) for (metric, labels), n in counts.items()]
    logged = [(*key, n) for key, n in errors.items()]
    sql, values = _WAIT, list[Any]()
    if metrics:
        sql, values = sql + _TALLY, [list(column) for column in zip(*metrics, strict=True)]
    if logged:
        sql, values = sql + _ERRORS, [*values, now, *(list(column) for column in zip(*logged, strict=True))]
    try:
        cursor.execute(sql, values)
    except Exception:
        tally.give_back(counts)
        counted.give_back(errors)
        raise


def forget(cursor: Cursor, *, now: datetime) -> None:
    cursor.execute("delete from operations_errorcount where hour < %s", [now - ERRORS_KEPT])
