"""The past as relations: what each table held as of a moment, told from the history that is stored.

`then` gives them as named queries. A statement that begins with them (`Then.before`), and every rule and query inside
`as_of`, reads those instead of the tables of the same names: it cannot see what came later, whatever it asks.

Events count by when they happened, orders by the reports of them until then, traits by their history. Merged profiles
follow today's grouping. The catalogue has no history and is today's. Of what is computed from all that (computed
traits, scores, clusters) nothing is known of the past: those tables are empty there.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from cdp.common.copying import Cursor
from cdp.rules.sql import Sql, fill, join
from scoring.past_orders import corrected_orders
from scoring.whose import EVERYBODY, People

EVENT = "e.profile_id, e.occurred_at, e.message_id, e.record_id, e.name, e.item_id"
EVENT_REST = "e.properties, e.context, e.source_id, e.received_at"
ORDER = "o.profile_id, o.order_id, o.record_id, o.ordered_at, o.total, o.refunded, o.is_cancelled"
NOT_KNOWN = ("analytics_computedvalue", "scoring_score", "scoring_scorechange", "scoring_clustermember")
"""What is computed and keeps no history that reaches back."""
_TRAITS = (
    "coalesce((select jsonb_object_agg(c.what, c.new) from (select distinct on (c.what) c.what, c.new"
    " from profiles_profilechange c where c.profile_id = any(array(select p.id union all select l.id"
    " from profiles_profile l where l.merged_into = p.id)) and c.at <= {moment} and left(c.what, 1) <> '@'"
    " order by c.what, c.at desc, c.id desc) c where c.new is not null), '{}'::jsonb)"
)
_LAST_SEEN = (
    "case when p.last_seen_at <= {moment} then p.last_seen_at else greatest(p.first_seen_at, (select max(e.occurred_at)"
    " from events_event e where e.profile_id = p.id and e.occurred_at <= {moment}), (select max(c.at)"
    " from profiles_profilechange c where c.profile_id = p.id and c.at <= {moment})) end"
)


@dataclass(frozen=True)
class Then:
    """Table → what it held. Later ones read earlier ones."""

    relations: dict[str, Sql]

    def before(self, names: Sequence[str], query: Sql, *, named: Sql | None = None) -> Sql:
        """The query, and its own named queries, reading these relations in place of the tables."""
        parts = [
            fill("{name} as not materialized ({held})", name=Sql(name), held=held)
            for name, held in self.relations.items()
            if name in names
        ]
        return fill("with {parts} {query}", parts=join(", ", [*parts, *([named] if named else [])]), query=query)


def then(moment: datetime, *, is_corrected: bool) -> Then:
    """`is_corrected`: the temporary tables of `corrected_orders` hold orders and values that were others then."""
    until = {"moment": Sql("%s::timestamptz", (moment,))}
    found = {
        "events_event": _events(is_corrected=is_corrected),
        "events_eventitem": "select i.* from events_eventitem i where i.occurred_at <= {moment}",
        "events_orderreport": "select r.* from events_orderreport r where r.occurred_at <= {moment}",
        "events_order": _orders(is_corrected=is_corrected),
        "profiles_profile": f"select p.id, p.uuid, {_TRAITS} as traits, p.first_seen_at, {_LAST_SEEN} as last_seen_at,"
        f" (({_LAST_SEEN}) at time zone 'UTC')::date as last_seen_on, p.merged_into, p.created_at"
        " from profiles_profile p where p.first_seen_at <= {moment}",
        "profiles_record": "select r.* from profiles_record r where r.first_seen_at <= {moment}",
        "profiles_identifier": "select i.* from profiles_identifier i where i.first_seen_at <= {moment}",
        "profiles_profilechange": "select c.* from profiles_profilechange c where c.at <= {moment}",
        "privacy_consent": "select c.id, c.namespace, c.value, c.purpose, c.topic, c.is_granted, c.at,"
        " least(c.last_at, {moment}) as last_at, c.source_id, c.how from privacy_consent c where c.at <= {moment}",
        "privacy_suppression": "select s.* from privacy_suppression s where s.at <= {moment}",
        "segments_listing": "select s.* from segments_listing s where s.listed_at <= {moment}",
        "segments_membership": "select m.profile_id, m.segment_id, m.at as entered_at from (select distinct on"
        " (m.segment_id, m.profile_id) m.* from segments_membershipchange m where m.at <= {moment}"
        " order by m.segment_id, m.profile_id, m.at desc, m.id desc) m where m.kind = 'entered'",
        "segments_membershipchange": "select m.* from segments_membershipchange m where m.at <= {moment}",
        "events_eventstate": "select e.profile_id, e.name, count(*) as n,"
        " coalesce(sum(e.value), 0)::numeric(16, 2) as sum, min(e.occurred_at) as first_at,"
        " max(e.occurred_at) as last_at, count(e.value) as valued from events_event e group by e.profile_id, e.name",
        **{name: f"select n.* from {name} n where false" for name in NOT_KNOWN},
    }
    return Then({name: fill(text, **until) for name, text in found.items()})


def _events(*, is_corrected: bool) -> str:
    value = "e.value"
    if is_corrected:
        value = (
            "case when not exists (select 1 from past_value v where v.profile_id = e.profile_id"
            " and v.occurred_at = e.occurred_at and v.message_id = e.message_id and v.source_id = e.source_id)"
            " then e.value else (select v.value from past_value v where v.profile_id = e.profile_id"
            " and v.occurred_at = e.occurred_at and v.message_id = e.message_id and v.source_id = e.source_id)"
            " end as value"
        )
    return f"select {EVENT}, {value}, {EVENT_REST} from events_event e where e.occurred_at <= {{moment}}"


def _orders(*, is_corrected: bool) -> str:
    plain = f"select {ORDER} from events_order o where (o.ordered_at is null or o.ordered_at <= {{moment}})"
    if not is_corrected:
        return plain
    return (
        f"{plain} and not exists (select 1 from past_order c where c.order_id = o.order_id)"
        f" union all select {ORDER} from past_order o where o.profile_id is not null"
    )


def held(cursor: Cursor, moment: datetime, *, people: People = EVERYBODY) -> Then:
    """Inside a transaction. Where only some are asked about, `people` spares looking for orders of others."""
    return then(moment, is_corrected=corrected_orders(cursor, moment, people=people))


@contextmanager
def as_of(moment: datetime, *, people: People = EVERYBODY) -> Iterator[None]:
    """Inside, statements see the tables as they were: views of the same names stand before them. One transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        relations = held(cursor, moment, people=people).relations
        made = "; ".join(
            cursor.mogrify(f"create temporary view {name} as {sql.text}", sql.values).decode()
            for name, sql in relations.items()
        )
        cursor.execute(made)
        try:
            yield
        finally:
            if not connection.needs_rollback:
                cursor.execute("drop view if exists " + ", ".join(f"pg_temp.{name}" for name in reversed(relations)))
