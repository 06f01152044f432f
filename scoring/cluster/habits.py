"""Features of how somebody uses the shop over a year. Predictors look at what is recent; kinds of customers show over
longer, and also in those who have not come for a while."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from django.db import connection

from cdp.analytics.visits import WITHOUT
from cdp.rules.sql import fill
from scoring.columns import Column, FeatureTable, Numbers, Unit
from scoring.features import Wanted, features_as_of

VIEW, ORDER = "Product Viewed", "Order Completed"
DAYS, MONTH = 365, 30
ACTIVE, VIEWS, WITHOUT_ORDER = "active_days_365d", "views_per_day_365d", "days_without_order_365d"
PACE, MONTHS = "order_pace_365d", "active_months_365d"
COLUMNS = (
    Column(
        ACTIVE,
        "days with a visit or an order in the last 365 days",
        Unit.COUNT,
        "came on {n} days in a year",
        "came on only {n} days in a year",
    ),
    Column(
        VIEWS,
        "products looked at on a day with a visit, over 365 days",
        Unit.NUMBER,
        "looks at {n} products a visit",
        "looks at only {n} products a visit",
        "was not seen looking at products",
    ),
    Column(
        WITHOUT_ORDER,
        "share of days with a visit that end without an order, over 365 days",
        Unit.SHARE,
        "leaves without an order {n} of the time",
        "leaves without an order only {n} of the time",
        "was not seen looking at products",
    ),
    Column(
        PACE,
        "days with an order a year, at the pace of the time in which they came",
        Unit.COUNT,
        "orders {n} times a year while active",
        "orders only {n} times a year while active",
        "did not come in a year",
    ),
    Column(
        MONTHS,
        "months between the first and the last day they came, over 365 days",
        Unit.NUMBER,
        "kept coming for {n} months",
        "came within {n} months only",
        "did not come in a year",
    ),
)
# Days, not visits: to count distinct days needs no look at the event before each, and reads a year in one scan by key.
_SQL = """
select e.profile_id, count(distinct day), count(*) filter (where name = {view}),
       count(distinct day) filter (where name = {order}), max(day) - min(day)
  from (select e.profile_id, e.name, (e.occurred_at at time zone {zone})::date as day from events_event e
         where e.profile_id > {after} and e.profile_id <= {until} and e.occurred_at > {year_ago}
           and e.occurred_at <= {moment} and e.name <> all({without}::text[])) e
 group by e.profile_id order by e.profile_id
"""


@dataclass(frozen=True)
class Reader:
    """Reads everybody's features, some people at a time."""

    moment: datetime
    zone: ZoneInfo

    def next(self, after: int, limit: int) -> FeatureTable:
        """The next people by id; empty where nobody is left."""
        table = features_as_of(self.moment, wanted=Wanted(zone=self.zone), after=after, limit=limit)
        if not len(table):
            return table
        values = np.hstack([table.values, self._of_year(table, after)])
        return FeatureTable(table.profile_ids, (*table.numeric, *COLUMNS), values, table.categories, table.words)

    def _of_year(self, table: FeatureTable, after: int) -> Numbers:
        sql = fill(
            _SQL,
            view=VIEW,
            order=ORDER,
            zone=self.zone.key,
            after=after,
            until=int(table.profile_ids[-1]),
            year_ago=self.moment - timedelta(days=DAYS),
            moment=self.moment,
            without=list(WITHOUT),
        )
        with connection.cursor() as cursor:
            cursor.execute(sql.text, sql.values)
            rows = np.array(cursor.fetchall(), dtype=np.float64).reshape(-1, 5)
        found = np.tile((0.0, np.nan, np.nan, np.nan, np.nan), (len(table), 1))
        _, at, theirs = np.intersect1d(table.profile_ids, rows[:, 0].astype(np.int64), return_indices=True)
        found[at] = _features(*rows[theirs, 1:].T)
        return found


def _features(days: Numbers, views: Numbers, orders: Numbers, span: Numbers) -> Numbers:
    """(people, COLUMNS). Who is never seen looking at products, having refused to be counted, say, is not one who looks
    at none."""
    seen = views > 0
    return np.column_stack(
        [
            days,
            np.where(seen, views / days, np.nan),
            np.where(seen, 1 - orders / days, np.nan),
            orders / (span + 1) * DAYS,
            (span + 1) / MONTH,
        ]
    )
