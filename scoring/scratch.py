"""Orders from elsewhere as tables of their own, so that features, populations and targets read them as a shop's.

The tables are temporary and bear the names of the real ones, so they stand before them in this connection alone: the
shop's data is neither read nor written, and nothing is left behind, however the process ends. They have what is read
about orders; rules, which read more, are not for them.
"""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dj_database_url
import numpy as np
from django.db import OperationalError, connection
from numpy.typing import NDArray

from cdp.common.copying import Cursor, copy_lines, field
from cdp.runtime.places import Places
from cdp.runtime.postgres import Postgres
from cdp.runtime.servers import servers_for

TABLES = {
    "accounts_source": "id bigint, name text",
    "profiles_profile": "id bigint primary key, uuid uuid, traits jsonb default '{}', first_seen_at timestamptz,"
    " last_seen_at timestamptz, last_seen_on date, merged_into bigint, created_at timestamptz",
    "profiles_profilechange": "id bigint, profile_id bigint, what text, new jsonb, at timestamptz",
    "events_item": "id text, category text",
    "events_event": "profile_id bigint, occurred_at timestamptz, message_id text, record_id bigint, name text,"
    " item_id text, value numeric, properties jsonb default '{}', context jsonb default '{}',"
    " source_id bigint default 0, received_at timestamptz",
    "events_eventitem": "profile_id bigint, occurred_at timestamptz, message_id text, source_id bigint, line integer,"
    " record_id bigint, name text, item_id text, quantity numeric, value numeric",
    "events_eventstate": "profile_id bigint, name text, n bigint, valued bigint, sum numeric,"
    " first_at timestamptz, last_at timestamptz, primary key (profile_id, name)",
    "events_order": "profile_id bigint, order_id text, record_id bigint default 0, ordered_at timestamptz,"
    " total numeric default 0, refunded numeric default 0, is_cancelled boolean default false",
    "events_orderreport": "profile_id bigint, occurred_at timestamptz, message_id text, source_id bigint default 0,"
    " record_id bigint default 0, order_id text, kind text, amount numeric, refund_id text default '', value numeric",
}
_FILLED = (
    "insert into events_event (profile_id, occurred_at, message_id, record_id, name, value, received_at)"
    " select profile_id, at, order_id, 0, case when value > 0 then 'Order Completed' else 'Order Refunded' end, value,"
    " at from given",
    "insert into events_order (profile_id, order_id, ordered_at, total, refunded) select profile_id, order_id,"
    " case when value > 0 then at end, greatest(value, 0), greatest(-value, 0) from given",
    "insert into events_orderreport (profile_id, occurred_at, message_id, order_id, kind, amount, value)"
    " select profile_id, at, order_id, order_id, case when value > 0 then 'completed' else 'refunded' end, abs(value),"
    " value from given",
    "insert into events_eventstate select profile_id, name, count(*), count(value), sum(value), min(occurred_at),"
    " max(occurred_at) from events_event group by 1, 2",
    "insert into profiles_profile (id, first_seen_at, last_seen_at, created_at) select profile_id, min(at), max(at),"
    " min(at) from given group by 1",
    "create index on events_event (profile_id, name, occurred_at)",
    "create index on events_order (profile_id)",
    "create index on events_orderreport (order_id)",
    "create index on events_orderreport (occurred_at)",
    *(f"analyze {name}" for name in TABLES),
)


@dataclass(frozen=True)
class Orders:
    """One entry per order, or per line of an order. What has a negative worth in all is money given back.

    Without ids, lines of one customer at one time are one order.
    """

    customers: NDArray[np.object_]
    times: Sequence[datetime]
    """Without an offset they are UTC."""
    values: NDArray[np.float64]
    order_ids: NDArray[np.object_] | None = None


@contextmanager
def orders_apart(orders: Orders) -> Iterator[NDArray[np.object_]]:
    """Inside, this connection reads these orders in place of the shop's. Gives the customers: the profile id of one is
    its place here, counted from 1."""
    customers, profile_ids = np.unique(orders.customers.astype(str), return_inverse=True)
    with connection.cursor() as cursor:
        for name, columns in TABLES.items():
            cursor.execute(f"create temporary table {name} ({columns})")
        try:
            _fill(cursor, orders, profile_ids + 1)
            yield customers.astype(object)
        finally:
            if not connection.needs_rollback:
                cursor.execute("drop table if exists pg_temp.given, " + ", ".join(f"pg_temp.{name}" for name in TABLES))


def _fill(cursor: Cursor, orders: Orders, profile_ids: NDArray[np.int64]) -> None:
    cursor.execute("create temporary table lines (profile_id bigint, at timestamptz, order_id text, value numeric)")
    copy_lines(cursor, "lines", ("profile_id", "at", "order_id", "value"), list(_lines(orders, profile_ids)))
    cursor.execute(
        "create temporary table given as select profile_id, min(at) as at, order_id, round(sum(value), 2) as value"
        " from lines group by profile_id, order_id having round(sum(value), 2) <> 0;"
        " insert into events_eventitem (profile_id, occurred_at, message_id, name, value)"
        " select l.profile_id, g.at, l.order_id, 'Order Completed', l.value from lines l"
        " join given g using (profile_id, order_id) where g.value > 0 and l.value > 0; drop table lines"
    )
    for statement in _FILLED:
        cursor.execute(statement)


def _lines(orders: Orders, profile_ids: NDArray[np.int64]) -> Iterator[str]:
    """An order is its customer's own: ids that two customers share are two orders."""
    told: Sequence[Any] = orders.times if orders.order_ids is None else orders.order_ids.tolist()
    for profile_id, at, key, value in zip(
        profile_ids.tolist(), orders.times, told, orders.values.tolist(), strict=True
    ):
        aware = at if at.tzinfo else at.replace(tzinfo=UTC)
        yield f"{profile_id}\t{aware.isoformat()}\t{profile_id} {field(str(key))}\t{value!r}"


@contextmanager
def a_database() -> Iterator[None]:
    """Inside, a database answers: the running one, else one of its own in a temporary folder."""
    try:
        connection.ensure_connection()
    except OperationalError:
        with _own_database():
            yield
    else:
        yield


@contextmanager
def _own_database() -> Iterator[None]:
    folder = Path(tempfile.mkdtemp(prefix="tributary-scratch-"))
    folder.chmod(0o711)
    places = Places.of(folder / "var")
    before = connection.settings_dict
    try:
        with servers_for(places, (Postgres(places, durable=False),)):
            connection.settings_dict = {**before, **dj_database_url.parse(places.database_url)}
            try:
                yield
            finally:
                connection.close()
    finally:
        connection.settings_dict = before
        shutil.rmtree(places.postgres_data.resolve(), ignore_errors=True)
        if places.var not in places.sockets.parents:
            shutil.rmtree(places.sockets, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)
