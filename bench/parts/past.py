"""A shop's past for the bench of segments: people, half a year of what they did, and the state kept of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

DAYS = 180
ITEMS = 500
INDEXES = (
    "select indexrelid::regclass::text, pg_get_indexdef(indexrelid) from pg_index"
    " where indrelid = 'events_event'::regclass and not indisprimary"
)


def preload(*, profiles: int, events: int, now: datetime) -> int:
    """All in SQL. Returns the source's id. The indexes are built after the rows, as a restore would."""
    from django.db import connection

    from cdp.accounts.models import Source
    from cdp.events.partitions import ensure_months

    source = Source.objects.create(name="Bench")
    start = now - timedelta(days=DAYS)
    ensure_months(start, now + timedelta(days=40))
    values: dict[str, Any] = {
        "n": profiles,
        "events": events,
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
        indexes: Sequence[tuple[str, str]] = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f"drop index {name}")
        for statement in HAPPENED:
            cursor.execute(statement, values)
        for _, definition in indexes:
            cursor.execute(definition.replace(" ON ONLY ", " ON "))
        connection.connection.autocommit = True
        cursor.execute("vacuum analyze")
    return int(source.pk)


PEOPLE = (
    "insert into events_item (id, name, category, brand, currency, url, image_url, is_in_stock, attributes, created_at,"
    " updated_at) select 'item-' || i, 'Item ' || i, (array['shoes', 'hats', 'coats', 'bags', 'belts'])[1 + i %% 5],"
    " 'brand-' || i %% 20, '', '', '', true, '{}', %(start)s, %(start)s from generate_series(1, %(items)s) i",
    "insert into profiles_profile (id, uuid, traits, first_seen_at, last_seen_at, created_at)"
    " select i, gen_random_uuid(), jsonb_build_object('plan', (array['free', 'basic', 'pro'])[1 + i %% 3],"
    " 'country', (array['DE', 'IT', 'FR', 'ES', 'PL', 'NO'])[1 + (i / 3) %% 6], 'points', i %% 1000,"
    " 'birthday', (date '1960-01-01' + (i * 7) %% 15000)::text,"
    " 'renews', to_char(%(now)s::timestamptz + make_interval(mins => (i * 37) %% 500000 - 250000),"
    ' \'YYYY-MM-DD"T"HH24:MI:SS"Z"\')),'
    " %(start)s, %(start)s, %(start)s from generate_series(1, %(n)s) i",
    "select setval(pg_get_serial_sequence('profiles_profile', 'id'), %(n)s)",
    "insert into profiles_record (id, source_id, key, profile_id, home_id, traits, first_seen_at, last_seen_at)"
    " select id, %(source)s, 'user:user-' || id, id, id, (select jsonb_object_agg(key, jsonb_build_array(value,"
    " '2020-01-01T00:00:00.000000Z')) from jsonb_each(traits)), first_seen_at, first_seen_at from profiles_profile",
    "select setval(pg_get_serial_sequence('profiles_record', 'id'), %(n)s)",
    "insert into profiles_identifier (namespace, value, record_id, profile_id, first_seen_at)"
    " select 'user_id', 'user-' || i, i, i, %(start)s from generate_series(1, %(n)s) i",
)
"""The traits of a record say who said them when."""

HAPPENED = (
    # Of 100 events 45 are views, 25 pages, 15 carts, 10 opened mails and 5 orders; a few people do most of it.
    "insert into events_event (profile_id, occurred_at, message_id, record_id, name, item_id, value, properties,"
    " context, source_id, received_at) select p, at, 'past-' || i, p, name,"
    " case when name in ('Product Viewed', 'Product Added', 'Order Completed') then item end,"
    " case name when 'Order Completed' then round((10 + 190 * r)::numeric, 2)"
    " when 'Product Viewed' then 19.90 end, jsonb_build_object('color', (array['red', 'blue', 'green'])[1 + i %% 3],"
    " 'price', i %% 100), '{}', %(source)s, at"
    " from (select i, least(%(n)s, 1 + floor(%(n)s * power(random(), 1.4)))::bigint p, random() r,"
    " 'item-' || least(%(items)s, 1 + floor(%(items)s * power(random(), 2)))::int item,"
    " case when d < 45 then 'Product Viewed' when d < 70 then 'Page Viewed' when d < 85 then 'Product Added'"
    " when d < 95 then 'Email Opened' else 'Order Completed' end as name, at from (select i, floor(random() * 100) d,"
    " %(start)s::timestamptz + i * (make_interval(days => 180) / %(events)s) as at"
    " from generate_series(1, %(events)s) i) drawn) past",
    "insert into events_eventitem (profile_id, occurred_at, message_id, source_id, line, record_id, name, item_id,"
    " quantity, value) select profile_id, occurred_at, message_id, source_id, 0, record_id, name, item_id, 1, value"
    " from events_event where name = 'Order Completed'",
    "insert into events_eventstate (profile_id, name, n, valued, sum, first_at, last_at) select profile_id, name,"
    " count(*), count(value), coalesce(sum(value), 0), min(occurred_at), max(occurred_at)"
    " from events_event group by 1, 2",
)
