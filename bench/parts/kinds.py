"""Fifteen kinds of rules, and the same questions in DuckDB's words: S1 to S5 of the measured limits, and ten more.

In DuckDB's, `$now` is the moment both are asked about; the tables are `event`, `line`, `item` and `profile`.
"""

from dataclasses import dataclass
from typing import Any

BUY, VIEW, CART = "Order Completed", "Product Viewed", "Product Added"


@dataclass(frozen=True)
class Kind:
    english: str
    rule: dict[str, Any]
    duckdb: str


def event(name: str, op: str = "at_least", value: float = 1, **more: Any) -> dict[str, Any]:
    return {"kind": "event", "name": name, "op": op, "value": value, **more}


def last(amount: int, unit: str = "day") -> dict[str, Any]:
    return {"kind": "last", "amount": amount, "unit": unit}


def both(*leaves: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "all", "of": list(leaves)}


def _since(days: int) -> str:
    return f"occurred_at > $now - interval {days} day and occurred_at <= $now"


KINDS: dict[str, Kind] = {
    "s1": Kind(
        "viewed an item in 7 days, no order in 48 hours",
        both(
            event(VIEW, window=last(7), where=[{"column": "item", "op": "is", "value": "item-7"}]),
            event(BUY, "exactly", 0, window=last(48, "hour")),
        ),
        f"select distinct profile_id from event where name = '{VIEW}' and item_id = 'item-7' and {_since(7)}"
        f" and profile_id not in (select profile_id from event where name = '{BUY}' and {_since(2)})",
    ),
    "s2": Kind(
        "more than 2 orders in 30 days, over 200 in all",
        both(
            event(BUY, "more_than", 2, window=last(30)),
            event(BUY, "more_than", 200, measure="sum", window=last(30)),
        ),
        f"select profile_id from event where name = '{BUY}' and {_since(30)}"
        " group by 1 having count(*) > 2 and sum(value) > 200",
    ),
    "s3": Kind(
        "no order in 90 days",
        event(BUY, "exactly", 0, window=last(90)),
        f"select id from profile where id not in (select profile_id from event where name = '{BUY}' and {_since(90)})",
    ),
    "s4": Kind(
        "put into the cart in 30 days, no order within 24 hours after",
        {
            "kind": "sequence",
            "window": last(30),
            "steps": [
                {"name": CART},
                {"name": BUY, "did": False, "within": {"amount": 24, "unit": "hour"}},
            ],
        },
        f"select distinct c.profile_id from event c where c.name = '{CART}' and {_since(30)}"
        " and c.occurred_at <= $now - interval 24 hour and not exists (select 1 from event b where b.profile_id ="
        f" c.profile_id and b.name = '{BUY}' and b.occurred_at > c.occurred_at"
        " and b.occurred_at <= c.occurred_at + interval 24 hour)",
    ),
    "s5": Kind(
        "average order in the top tenth",
        {"kind": "percentile", "percent": 10, "of": {"kind": "event", "name": BUY, "measure": "avg"}},
        f"with worth as (select profile_id, avg(value) as n from event where name = '{BUY}' and occurred_at <= $now"
        " group by 1) select profile_id from worth where n >= (select quantile_disc(n, 0.9) from worth)",
    ),
    "trait": Kind(
        "plan pro in two countries",
        both(
            {"kind": "trait", "name": "plan", "op": "is", "value": "pro"},
            {"kind": "trait", "name": "country", "op": "one_of", "value": ["DE", "IT"]},
        ),
        "select id from profile where (traits ->> 'plan') = 'pro' and (traits ->> 'country') in ('DE', 'IT')",
    ),
    "trait_date": Kind(
        "renews within 7 days",
        {"kind": "trait", "name": "renews", "op": "within_next", "amount": 7, "unit": "day"},
        "select id from profile where try_cast(traits ->> 'renews' as timestamptz) > $now"
        " and try_cast(traits ->> 'renews' as timestamptz) <= $now + interval 7 day",
    ),
    "anniversary": Kind(
        "birthday within 7 days",
        {"kind": "anniversary", "name": "birthday", "op": "within_next", "days": 7},
        "select id from profile where substr(traits ->> 'birthday', 6, 5) in (select strftime($now + to_days(d::int),"
        " '%m-%d') from range(8) r (d))",
    ),
    "interval": Kind(
        "no order for twice their usual gap",
        {"kind": "interval", "name": BUY, "times": 2},
        "select profile_id from (select profile_id, count(*) n, min(occurred_at) a, max(occurred_at) b from event"
        f" where name = '{BUY}' and occurred_at <= $now group by 1) s where n >= 3 and b > a and epoch(b)"
        " + 2 * (epoch(b) - epoch(a)) / (n - 1) <= epoch($now)",
    ),
    "sample": Kind(
        "a random tenth",
        {"kind": "sample", "seed": "bench", "to": 10},
        "select id from profile where ('0x' || substr(md5('bench:' || uuid::text), 1, 8))::ubigint < 0.1 * 4294967296",
    ),
    "category": Kind(
        "orders of shoes for 300 in 90 days",
        {
            "kind": "item",
            "name": BUY,
            "by": "category",
            "values": ["shoes"],
            "measure": "value",
            "op": "at_least",
            "value": 300,
            "window": last(90),
        },
        f"select profile_id from line where name = '{BUY}' and {_since(90)} and item_id in"
        " (select id from item where category = 'shoes') group by 1 having sum(value) >= 300",
    ),
    "property": Kind(
        "3 red views in 14 days",
        event(VIEW, value=3, window=last(14), where=[{"property": "color", "op": "is", "value": "red"}]),
        f"select profile_id from event where name = '{VIEW}' and {_since(14)} and (properties ->> 'color') = 'red'"
        " group by 1 having count(*) >= 3",
    ),
    "last_value": Kind(
        "last order over 150",
        {
            "kind": "event",
            "name": BUY,
            "measure": "last",
            "of": {"column": "value"},
            "op": "more_than",
            "value": 150,
        },
        f"select profile_id from event where name = '{BUY}' and occurred_at <= $now group by 1"
        " having arg_max(value, occurred_at) > 150",
    ),
    "distinct": Kind(
        "5 different items viewed in 30 days",
        event(VIEW, value=5, measure="distinct", of={"column": "item"}, window=last(30)),
        f"select profile_id from event where name = '{VIEW}' and {_since(30)} group by 1"
        " having count(distinct item_id) >= 5",
    ),
    "sequence": Kind(
        "viewed in 7 days, cart within a day, order within a day",
        {
            "kind": "sequence",
            "window": last(7),
            "steps": [
                {"name": VIEW},
                {"name": CART, "within": {"amount": 1, "unit": "day"}},
                {"name": BUY, "within": {"amount": 1, "unit": "day"}},
            ],
        },
        f"select distinct v.profile_id from event v join event c on c.profile_id = v.profile_id and c.name = '{CART}'"
        " and c.occurred_at > v.occurred_at and c.occurred_at <= least($now, v.occurred_at + interval 24 hour)"
        f" join event b on b.profile_id = v.profile_id and b.name = '{BUY}' and b.occurred_at > c.occurred_at"
        " and b.occurred_at <= least($now, c.occurred_at + interval 24 hour)"
        f" where v.name = '{VIEW}' and v.occurred_at > $now - interval 7 day and v.occurred_at <= $now",
    ),
}
