"""Servers of the bench's own in a temporary folder, durable as in production, and a shop with a past."""

import os
import random
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from cdp.runtime.places import Places
from cdp.runtime.servers import servers_for, wanted_servers

NAMES = ("Product Viewed", "Page Viewed", "Product Added", "Checkout Started", "Email Opened")


@contextmanager
def own_servers() -> Iterator[Places]:
    """Sets what the product's settings read; Django may be set up inside only."""
    folder = Path(tempfile.mkdtemp(prefix="tributary-bench-"))
    folder.chmod(0o711)
    for name in ("DATABASE_URL", "BROKER_URL", "CACHE_URL"):
        os.environ.pop(name, None)
    os.environ["VAR_DIR"] = str(folder / "var")
    os.environ["DJANGO_SETTINGS_MODULE"] = "cdp.settings"
    places = Places.of(folder / "var")
    try:
        with servers_for(places, wanted_servers(places)):
            yield places
    finally:
        shutil.rmtree(places.postgres_data.resolve(), ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


def preload(*, profiles: int, events: int, now: datetime) -> int:
    """A source, its people and their past, in SQL. Returns the source's id."""
    from django.db import connection

    from cdp.accounts.models import Source
    from cdp.events.partitions import ensure_months

    source = Source.objects.create(name="Bench")
    start = now - timedelta(days=180)
    ensure_months(start, now + timedelta(days=40))
    with connection.cursor() as cursor:
        for statement in PEOPLE:
            cursor.execute(statement, {"n": profiles, "source": source.pk, "start": start})
        cursor.execute(PAST, {"n": events, "people": profiles, "source": source.pk, "start": start})
        cursor.execute(STATE)
        connection.connection.autocommit = True
        cursor.execute("vacuum analyze")
    return int(source.pk)


PEOPLE = (
    "insert into profiles_profile (id, uuid, traits, first_seen_at, last_seen_at, created_at)"
    " select i, gen_random_uuid(), jsonb_build_object('plan', 'free', 'email', 'user' || i || '@example.com'),"
    " %(start)s, %(start)s, %(start)s from generate_series(1, %(n)s) i",
    "select setval(pg_get_serial_sequence('profiles_profile', 'id'), %(n)s)",
    "insert into profiles_record (id, source_id, key, profile_id, home_id, traits, first_seen_at, last_seen_at)"
    " select i, %(source)s, 'user:user-' || i, i, i, jsonb_build_object('plan', jsonb_build_array('free',"
    " '2020-01-01T00:00:00.000000Z'), 'email', jsonb_build_array('user' || i || '@example.com',"
    " '2020-01-01T00:00:00.000000Z')), %(start)s, %(start)s from generate_series(1, %(n)s) i",
    "select setval(pg_get_serial_sequence('profiles_record', 'id'), %(n)s)",
    "insert into profiles_identifier (namespace, value, record_id, profile_id, first_seen_at)"
    " select 'user_id', 'user-' || i, i, i, %(start)s from generate_series(1, %(n)s) i",
    "insert into profiles_identifier (namespace, value, record_id, profile_id, first_seen_at)"
    " select 'email', 'user' || i || '@example.com', i, i, %(start)s from generate_series(1, %(n)s) i",
)
PAST = (
    "insert into events_event (profile_id, occurred_at, message_id, record_id, name, item_id, value, properties,"
    " context, source_id, received_at) select p, at, 'past-' || i, p, name, 'item-' || i %% 500,"
    ' case when i %% 3 = 0 then 19.90 end, \'{"category": "shoes", "price": 19.9}\', \'{}\', %(source)s, at from'
    " (select i, 1 + (hashint8(i) & 2147483647) %% %(people)s p,"
    " (array['Product Viewed', 'Page Viewed', 'Product Added', 'Checkout Started', 'Email Opened'])[1 + i %% 5] name,"
    " %(start)s + i * (interval '180 days' / %(n)s) as at from generate_series(1, %(n)s) i) past"
)
STATE = (
    "insert into events_eventstate (profile_id, name, n, valued, sum, first_at, last_at) select profile_id, name,"
    " count(*), count(value), coalesce(sum(value), 0), min(occurred_at), max(occurred_at)"
    " from events_event group by 1, 2"
)


def messages(n: int, *, profiles: int, now: datetime, seed: int) -> list[dict[str, object]]:
    """What a shop's people send: one in twenty changes a trait, the others do something."""
    draw = random.Random(seed)
    found: list[dict[str, object]] = []
    for index in range(n):
        user = f"user-{draw.randint(1, profiles)}"
        at = (now - timedelta(seconds=draw.random() * 3600)).isoformat()
        head = {"messageId": f"bench-{seed}-{index}", "userId": user, "timestamp": at}
        if index % 20 == 0:
            found.append({**head, "type": "identify", "traits": {"plan": f"plan-{draw.randrange(9)}"}})
        else:
            properties = {"product_id": f"item-{draw.randrange(500)}", "price": 19.9, "category": "shoes"}
            context = {"library": {"name": "bench", "version": "1.0"}}
            event = {"type": "track", "event": draw.choice(NAMES), "properties": properties, "context": context}
            found.append({**head, **event})
    return found
