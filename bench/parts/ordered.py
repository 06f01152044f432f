"""What the bench of scoring adds to the past of bench/parts/past: orders with their reports, and the history of traits."""

from django.db import connection

ORDERS = (
    "insert into events_order (profile_id, order_id, record_id, ordered_at, total)"
    " select profile_id, message_id, record_id, occurred_at, value from events_event where name = 'Order Completed'",
    "insert into events_orderreport (profile_id, occurred_at, message_id, source_id, record_id, order_id, kind, amount,"
    " value) select profile_id, occurred_at, message_id, source_id, record_id, message_id, 'completed', value, value"
    " from events_event where name = 'Order Completed'",
    "insert into profiles_profilechange (profile_id, record_id, what, new, cause, at)"
    " select p.id, p.id, t.key, t.value, 'import:1', p.first_seen_at from profiles_profile p, jsonb_each(p.traits) t",
    "vacuum analyze events_order, events_orderreport, profiles_profilechange",
)


def add_orders() -> None:
    with connection.cursor() as cursor:
        for statement in ORDERS:
            cursor.execute(statement)
