"""The features of scoring/feature_columns.py as a data scientist would compute them: events as one table in pandas."""

import io

import numpy as np
import pandas as pd
from psycopg2.extensions import connection as Connection

WITHOUT = ("Email Sent", "Email Delivered", "Email Opened")
VIEW, ORDER = "Product Viewed", "Order Completed"
NAMES = (VIEW, "Product Added", "Checkout Started", "Email Delivered", "Email Opened", "Email Link Clicked")
DAY = 86_400
UNKNOWN = frozenset(
    {"quiet", "tenure", "recency", "age", "span", "overdue", "gap", "last_gap", "gap_spread", "mean", "most"}
    | {"last_net", "open_share", "visit_minutes", "evening", "night", "weekend", "discounted", "per_order", "lines"}
)
"""What stays unknown where there is nothing; all else is 0 then."""


def copied(connection: Connection, query: str, **types: str) -> pd.DataFrame:
    """By COPY as CSV, which takes a third of the time of read_sql."""
    text = io.StringIO()
    with connection.cursor() as cursor:
        cursor.copy_expert(f"copy ({query}) to stdout (format csv, header)", text)
    text.seek(0)
    return pd.read_csv(text, dtype=types)


class Shop:
    """All that features are computed from, read once."""

    def __init__(self, connection: Connection) -> None:
        self.events = copied(
            connection,
            "select e.profile_id, e.name, date_part('epoch', e.occurred_at) as at, i.category"
            " from events_event e left join events_item i on i.id = e.item_id",
            name="category",
            category="category",
        )
        self.orders = copied(
            connection,
            "select profile_id, date_part('epoch', occurred_at) as at, value,"
            f" coalesce(properties ->> 'coupon', '') <> '' as has_coupon from events_event where name = '{ORDER}'",
        )
        self.orders["has_coupon"] = self.orders["has_coupon"] == "t"
        self.items = copied(
            connection,
            "select e.profile_id, date_part('epoch', e.occurred_at) as at, e.quantity, i.category"
            f" from events_eventitem e left join events_item i on i.id = e.item_id where e.name = '{ORDER}'",
        )
        self.firsts = copied(
            connection,
            "select distinct on (e.profile_id) e.profile_id, s.name as source,"
            " coalesce(e.context #>> '{campaign,medium}', e.context #>> '{referrer,url}', 'direct') as channel"
            " from events_event e left join accounts_source s on s.id = e.source_id"
            " order by e.profile_id, e.occurred_at",
        ).set_index("profile_id")
        self.firsts = self.firsts.apply(lambda column: column.astype("category").cat.codes)
        self.events.sort_values(["profile_id", "at"], inplace=True, ignore_index=True)
        self.orders.sort_values(["profile_id", "at"], inplace=True, ignore_index=True)

    def features(self, now: float, ids: "np.ndarray | None" = None) -> pd.DataFrame:
        """One row per person with an event by then, or per person of `ids`."""
        events, orders, items = (_until(one, now, ids) for one in (self.events, self.orders, self.items))
        index = pd.Index(np.unique(events["profile_id"]) if ids is None else ids, name="profile_id")
        parts = [_activity(events, now), _visits(events, now), _orders(orders, now), _bought(items, orders)]
        found = pd.concat([self.firsts.reindex(index), *(one.reindex(index) for one in parts)], axis=1)
        counts = [name for name in found if name not in UNKNOWN and not name.endswith("_ago")]
        return found.fillna(dict.fromkeys(counts, 0)).replace([np.inf, -np.inf], np.nan)


def _until(table: pd.DataFrame, now: float, ids: "np.ndarray | None") -> pd.DataFrame:
    rows = table["at"] <= now
    if ids is not None:
        rows &= table["profile_id"].isin(ids)
    return table[rows]


def _activity(events: pd.DataFrame, now: float) -> pd.DataFrame:
    found = {}
    for days in (7, 30, 90):
        late = events[events["at"] > now - days * DAY]
        counts = late.groupby(["profile_id", "name"], observed=True).size().unstack(fill_value=0)
        for name in NAMES:
            found[f"{name}_{days}"] = counts[name] if name in counts else pd.Series(dtype=float)
        if days > 7:
            found[f"n_{days}"] = late[~late["name"].isin(WITHOUT)].groupby("profile_id").size()
    last = events.groupby(["profile_id", "name"], observed=True)["at"].max().unstack()
    for name in NAMES:
        if name in last:
            found[f"{name}_ago"] = (now - last[name]) / DAY
    own = events[~events["name"].isin(WITHOUT)].groupby("profile_id")["at"].max()
    found["quiet"] = (now - own) / DAY
    found["tenure"] = (now - events.groupby("profile_id")["at"].min()) / DAY
    viewed = events[(events["name"] == VIEW) & (events["at"] > now - 90 * DAY)]
    found["categories_viewed"] = viewed.drop_duplicates(["profile_id", "category"]).groupby("profile_id").size()
    table = pd.DataFrame(found)
    table["trend"] = table["n_30"] - table["n_90"] / 3
    table["open_share"] = table["Email Opened_90"] / table["Email Delivered_90"]
    return table


def _visits(events: pd.DataFrame, now: float) -> pd.DataFrame:
    steps = events[(events["at"] > now - 90 * DAY) & ~events["name"].isin(WITHOUT)]
    gap = steps["at"].diff()
    begins = (steps["profile_id"] != steps["profile_id"].shift()) | (gap > 1800)
    visit = begins.cumsum()
    each = (
        pd.DataFrame(
            {
                "profile_id": steps["profile_id"],
                "at": steps["at"],
                "gap": gap.where(~begins, 0),
                "is_order": steps["name"] == ORDER,
            }
        )
        .groupby(visit)
        .agg({"profile_id": "first", "at": "first", "gap": "sum", "is_order": "max"})
    )
    hour, weekday = each["at"] // 3600 % 24, (each["at"] // DAY + 3) % 7
    each = each.assign(
        late=each["at"] > now - 30 * DAY, evening=hour >= 18, night=hour < 6, weekend=weekday >= 5, one=1
    )
    sums = each.groupby("profile_id")[["one", "late", "gap", "is_order", "evening", "night", "weekend"]].sum()
    shares = sums[["evening", "night", "weekend"]].div(sums["one"], axis=0)
    return pd.DataFrame(
        {
            "visits_90": sums["one"],
            "visits_30": sums["late"],
            "without_order": sums["one"] - sums["is_order"],
            "minutes": sums["gap"] / 60,
            "visit_minutes": sums["gap"] / 60 / sums["one"],
        }
    ).join(shares)


def _orders(orders: pd.DataFrame, now: float) -> pd.DataFrame:
    by_person = orders.groupby("profile_id")
    found = by_person.agg(
        n=("at", "size"), first=("at", "min"), last=("at", "max"), net=("value", "sum"), mean=("value", "mean"),
        most=("value", "max"), last_net=("value", "last"), discounted=("has_coupon", "mean"),
    )  # fmt: skip
    days = orders.assign(day=orders["at"] // DAY).drop_duplicates(["profile_id", "day"])
    gap = days.groupby("profile_id")["day"].diff()
    gaps = gap.groupby(days["profile_id"])
    found["days"], found["gap"] = days.groupby("profile_id").size(), gaps.mean()
    found["last_gap"], found["gap_spread"] = gaps.last(), gaps.std()
    found["recency"], found["age"] = (now - found["last"]) / DAY, (now - found["first"]) / DAY
    found["span"], found["overdue"] = (found["last"] - found["first"]) / DAY, found["recency"] / found["gap"]
    for n in (30, 90, 180, 365):
        late = orders[orders["at"] > now - n * DAY].groupby("profile_id")["value"]
        found[f"n_{n}_orders"], found[f"net_{n}"] = late.size(), late.sum()
    found["orders_trend"] = 2 * found["n_90_orders"] - found["n_180_orders"]
    return found.drop(columns=["first", "last"])


def _bought(items: pd.DataFrame, orders: pd.DataFrame) -> pd.DataFrame:
    by_person = items.groupby("profile_id")
    n = orders.groupby("profile_id").size()
    return pd.DataFrame(
        {
            "categories": items.drop_duplicates(["profile_id", "category"]).groupby("profile_id").size(),
            "per_order": by_person["quantity"].sum() / n,
            "lines": by_person.size() / n,
        }
    )
