"""The statement that computes the features of some people: grouped once per table, each by the index that has the
people together, so that a chunk reads its own part of every table and no more."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cdp.analytics.visits import GAP_MINUTES, WITHOUT
from cdp.events.ourselves import NOTICES
from cdp.rules.sql import Sql, fill, join
from scoring.feature_columns import CART, CHECKOUT, CLICKED, NUMBERS, OPENED, ORDER, SENT, VIEW
from scoring.whose import People

RELATIONS = ("events_event", "events_eventitem", "events_order", "profiles_profile")
"""What is read, and so must be told as of the moment."""


_DONE = """
named as (
  select e.profile_id, e.name, count(*) as n, count(*) filter (where e.occurred_at > {days_7}) as n_7,
         count(*) filter (where e.occurred_at > {days_30}) as n_30,
         count(*) filter (where e.occurred_at > {days_90}) as n_90,
         min(e.occurred_at) as first_at, max(e.occurred_at) as last_at
    from events_event e where {of_events} and e.name <> all({notices}) group by e.profile_id, e.name),
d as (
  select profile_id, min(first_at) as first_at, max(last_at) filter (where name <> all({without})) as own_at,
         sum(n_30) as n_30, sum(n_90) as n_90, {picked}
    from named group by profile_id)"""
_ONE = (
    "max(n_7) filter (where name = {{name}}) as {key}_7, max(n_30) filter (where name = {{name}}) as {key}_30,"
    " max(n_90) filter (where name = {{name}}) as {key}_90, max(last_at) filter (where name = {{name}}) as {key}_at"
)
_VISITS = """
steps as (
  select e.profile_id, e.occurred_at as at, e.name = {order} as is_order,
         e.occurred_at - lag(e.occurred_at) over (partition by e.profile_id order by e.occurred_at) as gap
    from events_event e where e.occurred_at > {days_90} and e.name <> all({without}) and {of_events}),
visits as (
  select profile_id, visit, min(at) as at, max(at) - min(at) as lasted, bool_or(is_order) as has_order
    from (select s.*, count(*) filter (where gap is null or gap > {gap}) over (partition by profile_id order by at)
                 as visit from steps s) s group by profile_id, visit),
v as (
  select profile_id, count(*) as n_90, count(*) filter (where at > {days_30}) as n_30,
         count(*) filter (where has_order) as with_order, sum(extract(epoch from lasted)) / 60 as minutes,
         count(*) filter (where hour >= 18) as evening, count(*) filter (where hour < 6) as night,
         count(*) filter (where weekday >= 6) as weekend
    from (select t.*, extract(hour from at at time zone {zone}) as hour,
                 extract(isodow from at at time zone {zone}) as weekday from visits t) t group by profile_id)"""
_ORDERS = """
o_each as (
  select o.profile_id, o.ordered_at, o.total - o.refunded as net, o.total, o.refunded, o.is_cancelled,
         (o.ordered_at at time zone {zone})::date as day,
         lag((o.ordered_at at time zone {zone})::date) over w as before, row_number() over (
         partition by o.profile_id, o.is_cancelled or o.ordered_at is null order by o.ordered_at desc) as back
    from events_order o where {of_orders} window w as (
         partition by o.profile_id, o.is_cancelled or o.ordered_at is null order by o.ordered_at)),
o as (
  select profile_id, count(*) filter (where {counts}) as n, count(distinct day) filter (where {counts}) as days,
         min(ordered_at) filter (where {counts}) as first_at, max(ordered_at) filter (where {counts}) as last_at,
         max(day) filter (where {counts}) - min(day) filter (where {counts}) as span,
         sum(net) filter (where not is_cancelled) as net, max(net) filter (where {counts}) as most,
         max(net) filter (where {counts} and back = 1) as last_net,
         avg(day - before) filter (where {counts} and day > before) as mean_gap,
         stddev_samp(day - before) filter (where {counts} and day > before) as gap_spread,
         (array_agg(day - before order by day desc) filter (where {counts} and day > before))[1] as last_gap,
         count(*) filter (where {counts} and ordered_at > {days_30}) as n_30,
         count(*) filter (where {counts} and ordered_at > {days_90}) as n_90,
         count(*) filter (where {counts} and ordered_at > {days_180}) as n_180,
         count(*) filter (where {counts} and ordered_at > {days_365}) as n_365,
         sum(net) filter (where {counts} and ordered_at > {days_90}) as net_90,
         sum(net) filter (where {counts} and ordered_at > {days_365}) as net_365,
         sum(total) as gross, sum(case when is_cancelled then total else refunded end) as given_back
    from o_each group by profile_id)"""
_COUNTS = "not is_cancelled and ordered_at is not null"
_ITEMS = """
i as (
  select i.profile_id, count(*) as lines, sum(i.quantity) as quantity,
         count(distinct nullif(t.category, '')) as categories
    from events_eventitem i left join events_item t on t.id = i.item_id
   where i.name = {order} and {of_items} group by i.profile_id),
g as (
  select e.profile_id, count(*) as n, count(*) filter (where coalesce(e.properties ->> 'coupon', '') <> ''
         or e.properties ->> 'discount' ~ '[1-9]') as discounted
    from events_event e where e.name = {order} and {of_events} group by e.profile_id),
c as (
  select profile_id, count(*) as categories from (
    select distinct e.profile_id, t.category from events_event e join events_item t on t.id = e.item_id
     where e.name = {view} and e.occurred_at > {days_90} and t.category <> '' and {of_events}) seen
   group by profile_id)"""
_WHO = "who as materialized (select p.id from profiles_profile p where p.merged_into is null and {of_people})"
_JOINED = (
    "from who w left join d on d.profile_id = w.id left join v on v.profile_id = w.id"
    " left join o on o.profile_id = w.id left join i on i.profile_id = w.id"
    " left join g on g.profile_id = w.id left join c on c.profile_id = w.id"
)


def numbers_sql(people: People, *, moment: datetime, events: tuple[str, ...], zone: ZoneInfo) -> Sql:
    """Selects id, then a float8 for each of NUMBERS and three for each event; NaN where unknown."""
    parts = _parts(people, moment, events, zone)
    with_ = join(", ", [fill(part, **parts) for part in (_WHO, _DONE, _VISITS, _ORDERS, _ITEMS)])
    numbers = [fill(f"coalesce(({one.sql})::float8, 'NaN')", moment=parts["moment"]) for one in NUMBERS]
    numbers += [number for index in range(len(events)) for number in _of_event(f"e{index}", parts["moment"])]
    return fill(
        "{with_} select w.id::float8, {numbers} {joined} order by w.id",
        with_=with_,
        numbers=join(", ", numbers),
        joined=Sql(_JOINED),
    )


def _of_event(key: str, moment: Sql) -> list[Sql]:
    counts = [Sql(f"coalesce(d.{key}_n, 0)::float8"), Sql(f"coalesce(d.{key}_30, 0)::float8")]
    ago = fill(f"coalesce((extract(epoch from {{moment}} - d.{key}_at) / 86400)::float8, 'NaN')", moment=moment)
    return [*counts, ago]


def _parts(people: People, moment: datetime, events: tuple[str, ...], zone: ZoneInfo) -> dict[str, Any]:
    return {
        "moment": Sql("%s::timestamptz", (moment,)),
        **{f"days_{days}": Sql("%s::timestamptz", (moment - timedelta(days=days),)) for days in (7, 30, 90, 180, 365)},
        "of_events": people.narrowed("e.profile_id"),
        "of_items": people.narrowed("i.profile_id"),
        "of_orders": people.narrowed("o.profile_id"),
        "of_people": people.narrowed("p.id"),
        "notices": Sql("%s::text[]", (list(NOTICES),)),
        "without": Sql("%s::text[]", (list(WITHOUT),)),
        "gap": timedelta(minutes=GAP_MINUTES),
        "zone": zone.key,
        "order": ORDER,
        "view": VIEW,
        "counts": Sql(_COUNTS),
        "picked": join(", ", _picked(events)),
    }


def _picked(events: tuple[str, ...]) -> list[Sql]:
    shop = [_one(key, name) for key, name in (("view", VIEW), ("cart", CART), ("checkout", CHECKOUT))]
    mails = [_one(key, name) for key, name in (("opened", OPENED), ("clicked", CLICKED))]
    sent = [
        fill(
            f"greatest(sum(n_{days}) filter (where name = {{delivered}}), sum(n_{days}) filter (where name = {{sent}}))"
            f" as delivered_{days}",
            delivered=SENT[0],
            sent=SENT[1],
        )
        for days in (30, 90)
    ]
    asked = [
        fill(
            "{one}, max(n) filter (where name = {name}) as {key}_n",
            one=_one(f"e{k}", name),
            name=name,
            key=Sql(f"e{k}"),
        )
        for k, name in enumerate(events)
    ]
    return [*shop, *mails, *sent, *asked]


def _one(key: str, name: str) -> Sql:
    return fill(_ONE.format(key=key), name=name)
