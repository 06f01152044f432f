"""People's orders as gaps and silences: what the date of the next order is learned from."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from cdp.common.copying import numbers
from cdp.rules.sql import Sql, fill
from scoring.columns import Numbers
from scoring.estimators.next_order import Renewals

ORDER = "Order Completed"
TOGETHER_DAYS = 0.5
"""Orders closer than this are one: a forgotten article, a parcel in two parts."""
MOST_GAPS = 30
"""The latest: older habits say little of today's."""
IN_DAYS = "extract(epoch from {span})::float8 / 86400"


def renewals_as_of(moment: datetime, *, ids: Sequence[int] | None = None) -> tuple[NDArray[np.int64], Renewals]:
    """Of everybody, or of those ids, who ordered until then; by profile id. Nothing later is looked at."""
    sql = fill(
        "select g.profile_id, count(*) filter (where g.gap > {together})::float8,"
        " coalesce(sum(ln(g.gap)) filter (where g.gap > {together}), 0)::float8,"
        " coalesce(sum(ln(g.gap) ^ 2) filter (where g.gap > {together}), 0)::float8,"
        " {silence} from (select o.profile_id, o.occurred_at, {gap} as gap, row_number() over"
        " (partition by o.profile_id order by o.occurred_at desc) as back from events_event o"
        " where o.name = {name} and o.occurred_at <= {moment}{narrowed}) g"
        " where g.back <= {most} group by g.profile_id order by g.profile_id",
        together=TOGETHER_DAYS,
        silence=fill(IN_DAYS, span=fill("({moment}::timestamptz - max(g.occurred_at))", moment=moment)),
        gap=fill(
            IN_DAYS,
            span=Sql("(o.occurred_at - lag(o.occurred_at) over (partition by o.profile_id order by o.occurred_at))"),
        ),
        name=ORDER,
        moment=moment,
        narrowed=_narrowed(ids),
        most=MOST_GAPS,
    )
    with connection.cursor() as cursor:
        cursor.execute(sql.text, sql.values)
        found = cursor.fetchall()
    columns = np.array([row[1:] for row in found], dtype=np.float64).reshape(len(found), 4)
    return np.array([row[0] for row in found], dtype=np.int64), Renewals(*np.ascontiguousarray(columns.T))


def came(ids: NDArray[np.int64], of: Renewals, *, after: datetime, until: datetime) -> Numbers:
    """Days from `after` until the next order of each; NaN where none came until `until`. `ids` ascend."""
    sql = fill(
        "select o.profile_id, {days} from events_event o where o.name = {name} and o.occurred_at > {after}"
        " and o.occurred_at <= {until}{narrowed} order by o.occurred_at desc",
        days=fill(IN_DAYS, span=fill("(o.occurred_at - {after}::timestamptz)", after=after)),
        name=ORDER,
        after=after,
        until=until,
        narrowed=_narrowed(ids.tolist()),
    )
    with connection.cursor() as cursor:
        cursor.execute(sql.text, sql.values)
        orders = cursor.fetchall()
    found = np.full(len(ids), np.nan)
    if orders:
        days = np.array([row[1] for row in orders], dtype=np.float64)
        where = np.searchsorted(ids, np.array([row[0] for row in orders], dtype=np.int64))
        is_next = of.silence[where] + days > TOGETHER_DAYS
        found[where[is_next]] = days[is_next]  # descending: the earliest is written last
    return found


def _narrowed(ids: Sequence[int] | None) -> Sql:
    return Sql("") if ids is None else fill(" and o.profile_id = any({ids}::bigint[])", ids=numbers(ids))
