"""A shop's past for the bench of scoring: people who come by visits, some of whom order often, with orders, their
reports, refunds, mails and the history of traits."""

from datetime import datetime, timedelta
from typing import Any

from bench.parts.past import DAYS, INDEXES, ITEMS, PEOPLE

STEPS = 5
"""Events in a visit."""


def preload(*, profiles: int, events: int, now: datetime) -> None:
    """All in SQL. The indexes are built after the rows, as a restore would."""
    from django.db import connection

    from cdp.accounts.models import Source
    from cdp.events.partitions import ensure_months

    source = Source.objects.create(name="Bench")
    start = now - timedelta(days=DAYS)
    ensure_months(start, now + timedelta(days=40))
    values: dict[str, Any] = {
        "n": profiles,
        "visits": events // STEPS,
        "items": ITEMS,
        "source": source.pk,
        "start": start,
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute("select setseed(0.25)")
        for statement in PEOPLE:
            cursor.execute(statement, values)
        cursor.execute(INDEXES)
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f"drop index {name}")
        for statement in HAPPENED:
            cursor.execute(statement, values)
        for _, definition in indexes:
            cursor.execute(definition.replace(" ON ONLY ", " ON "))
        connection.connection.autocommit = True
        cursor.execute("vacuum analyze")


HAPPENED = (
    # A few people do most of it. How often a visit ends with an order is each person's own, and so can be learned.
    "insert into events_event (profile_id, occurred_at, message_id, record_id, name, item_id, value, properties,"
    " context, source_id, received_at) select p, at, 'past-' || i || '-' || step, p, name,"
    " case when name in ('Product Viewed', 'Product Added', 'Order Completed') then item end,"
    " case when name = 'Order Completed' then worth end, case when name = 'Order Completed' then jsonb_build_object("
    " 'order_id', i, 'total', worth, 'coupon', case when i %% 5 = 0 then 'TEN' end)"
    " else jsonb_build_object('price', i %% 100) end,"
    ' case when step = 1 and i %% 4 = 0 then \'{"campaign": {"source": "newsletter", "medium": "email"}}\''
    " else '{}' end::jsonb, %(source)s, at from (select i, p, step, at + make_interval(secs => step * 40) as at, item,"
    " worth, case when is_mail and step = 1 then 'Email Delivered' when is_mail and step = 2 then 'Email Opened'"
    " when is_mail and step = 3 then 'Email Link Clicked' when step = 1 then 'Page Viewed'"
    " when step < 4 or r > 0.5 then 'Product Viewed' when step = 4 then 'Product Added'"
    " when r < 0.3 * power((p * 7919) %% 100 / 100.0, 2) then 'Order Completed' else 'Checkout Started' end as name"
    " from (select i, least(%(n)s, 1 + floor(%(n)s * power(random(), 1.4)))::bigint p, random() r,"
    " random() < 0.15 as is_mail, 'item-' || least(%(items)s, 1 + floor(%(items)s * power(random(), 2)))::int item,"
    " round((10 + 190 * random())::numeric, 2) as worth,"
    " %(start)s::timestamptz + i * (make_interval(days => 180) / %(visits)s) - interval '10 minutes' as at"
    " from generate_series(1, %(visits)s) i) visits, generate_series(1, 5) step) past",
    "insert into events_eventitem (profile_id, occurred_at, message_id, source_id, line, record_id, name, item_id,"
    " quantity, value) select profile_id, occurred_at, message_id, source_id, 0, record_id, name, item_id, 1, value"
    " from events_event where name = 'Order Completed'",
    "insert into events_eventstate (profile_id, name, n, sum, first_at, last_at) select profile_id, name, count(*),"
    " coalesce(sum(value), 0), min(occurred_at), max(occurred_at) from events_event group by 1, 2",
    "insert into events_order (profile_id, order_id, record_id, ordered_at, total)"
    " select profile_id, message_id, record_id, occurred_at, value from events_event where name = 'Order Completed'",
    "insert into events_orderreport (profile_id, occurred_at, message_id, source_id, record_id, order_id, kind, amount,"
    " value) select profile_id, occurred_at, message_id, source_id, record_id, message_id, 'completed', value, value"
    " from events_event where name = 'Order Completed'",
    "insert into profiles_profilechange (profile_id, record_id, what, new, cause, at)"
    " select p.id, p.id, t.key, t.value, 'import:1', p.first_seen_at from profiles_profile p, jsonb_each(p.traits) t",
)
