"""Orders and what their events were worth as of a moment, where later reports (refunds, updates) changed them."""

from datetime import datetime
from typing import Any

from cdp.common.copying import Cursor, copy_rows
from cdp.events.accounting import Account, Kind, Report, account
from cdp.rules.sql import Sql, fill
from scoring.whose import EVERYBODY, People

_LATER = (
    "select distinct r.order_id from events_orderreport r where r.occurred_at > {moment} and (r.kind <> 'completed'"
    " or exists (select 1 from events_orderreport b where b.order_id = r.order_id and b.occurred_at <= {moment}))"
)
_OF_PEOPLE = " and r.order_id in (select o.order_id from events_order o where {of_people})"
_TABLES = (
    "drop table if exists pg_temp.past_order, pg_temp.past_value;"
    " create temporary table past_order (like events_order) on commit drop;"
    " alter table past_order alter profile_id drop not null, alter record_id drop not null,"
    " alter total drop not null, alter refunded drop not null, alter is_cancelled drop not null;"
    " create temporary table past_value (profile_id bigint, occurred_at timestamptz, message_id text,"
    " source_id bigint, value numeric) on commit drop"
)
VALUE_COLUMNS = ("profile_id", "occurred_at", "message_id", "source_id", "value")
ORDER_COLUMNS = ("profile_id", "order_id", "record_id", "ordered_at", "total", "refunded", "is_cancelled")


def corrected_orders(cursor: Cursor, moment: datetime, *, people: People) -> bool:
    """Whether any order was another then. Those that were are put into `past_order`, with profile null where nothing
    was known of it yet; the values that their events had into `past_value`. Both go with the transaction."""
    order_ids = _changed_later(cursor, moment, people)
    if not order_ids:
        return False
    found = account(_reports(cursor, order_ids, moment))
    known = {order.order_id for order in found.orders}
    cursor.execute(_TABLES)
    copy_rows(cursor, "past_order", ORDER_COLUMNS, [*_rows(found), *(_nothing(one) for one in order_ids - known)])
    copy_rows(cursor, "past_value", VALUE_COLUMNS, [(*event, value) for event, value in found.values.items()])
    cursor.execute(
        "create index on past_order (order_id); create index on past_value (profile_id, occurred_at);"
        " analyze past_order; analyze past_value"
    )
    return True


def _changed_later(cursor: Cursor, moment: datetime, people: People) -> set[str]:
    is_all = people == EVERYBODY
    narrowed = Sql("") if is_all else fill(_OF_PEOPLE, of_people=people.narrowed("o.profile_id"))
    sql = fill(_LATER + "{narrowed}", moment=moment, narrowed=narrowed)
    cursor.execute(sql.text, sql.values)
    return {order_id for (order_id,) in cursor.fetchall()}


def _reports(cursor: Cursor, order_ids: set[str], moment: datetime) -> list[Report]:
    cursor.execute(
        "select profile_id, occurred_at, message_id, source_id, record_id, order_id, kind, amount, refund_id"
        " from events_orderreport where order_id = any(%s) and occurred_at <= %s",
        [sorted(order_ids), moment],
    )
    return [_report(row) for row in cursor.fetchall()]


def _report(row: tuple[Any, ...]) -> Report:
    profile_id, occurred_at, message_id, source_id, record_id, order_id, kind, amount, refund_id = row
    key = (profile_id, occurred_at, message_id, source_id)
    return Report(*key, record_id, order_id, Kind(kind), amount, refund_id)


def _rows(found: Account) -> list[tuple[Any, ...]]:
    return [
        (o.profile_id, o.order_id, o.record_id, o.ordered_at, o.total, o.refunded, o.is_cancelled) for o in found.orders
    ]


def _nothing(order_id: str) -> tuple[Any, ...]:
    return (None, order_id, None, None, None, None, None)
