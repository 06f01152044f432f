"""What is known of each person as of a moment, as numbers, in one pass of SQL. Nothing later is looked at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from cdp.rules.sql import Sql, fill

FEATURES = {
    "recency_days": "days since it was last done; since first seen if never",
    "frequency": "how often it was done",
    "monetary": "value of it in all, net of refunds",
    "tenure_days": "days since the first event of any kind",
    "activity_30d": "events of any kind in the last 30 days",
    "quiet_days": "days since the last event of any kind",
}


@dataclass(frozen=True)
class FeatureTable:
    """`values` has one row per profile and one column per name of FEATURES."""

    profile_ids: NDArray[np.int64]
    values: NDArray[np.float64]

    def column(self, name: str) -> NDArray[np.float64]:
        found: NDArray[np.float64] = self.values[:, list(FEATURES).index(name)]
        return found


def features_as_of(
    moment: datetime, *, event_name: str, after: int = 0, limit: int | None = None, ids: Sequence[int] | None = None
) -> FeatureTable:
    """Of people with an event until `moment`, by profile id; `after` and `limit` read it in chunks."""
    sql = fill(
        "select e.profile_id,"
        " {days} coalesce(max(e.occurred_at) filter (where e.name = {event}), min(e.occurred_at))) / 86400,"
        " count(*) filter (where e.name = {event}),"
        " coalesce(sum(e.value) filter (where e.name in ({event}, 'Order Refunded', 'Order Cancelled')), 0),"
        " {days} min(e.occurred_at)) / 86400,"
        " count(*) filter (where e.occurred_at > {month_ago}),"
        " {days} max(e.occurred_at)) / 86400"
        " from events_event e where e.occurred_at <= {moment} and e.profile_id > {after}{narrowed}"
        " and exists (select 1 from profiles_profile p where p.id = e.profile_id and p.merged_into is null)"
        " group by e.profile_id order by e.profile_id{limited}",
        days=Sql("extract(epoch from %s::timestamptz -", (moment,)),
        event=event_name,
        month_ago=moment - timedelta(days=30),
        moment=moment,
        after=after,
        narrowed=Sql("") if ids is None else Sql(" and e.profile_id = any(%s)", (list(ids),)),
        limited=Sql("") if limit is None else Sql(" limit %s", (limit,)),
    )
    with connection.cursor() as cursor:
        cursor.execute(sql.text, sql.values)
        rows = cursor.fetchall()
    return FeatureTable(
        profile_ids=np.array([row[0] for row in rows], dtype=np.int64),
        values=np.array([row[1:] for row in rows], dtype=np.float64).reshape(len(rows), len(FEATURES)),
    )


def doers(event_name: str, *, after: datetime, until: datetime) -> NDArray[np.int64]:
    """Profile ids of those who did it in (after, until]."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct profile_id from events_event where name = %s and occurred_at > %s and occurred_at <= %s",
            [event_name, after, until],
        )
        return np.array([row[0] for row in cursor.fetchall()], dtype=np.int64)
