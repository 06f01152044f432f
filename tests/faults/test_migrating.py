"""Proof R11: migrations go back and forth under load, and no sender notices."""

import threading
from typing import Any

import psycopg2

from tests.faults.attack import a_crowd
from tests.faults.stream import Stream
from tests.faults.tables import Tables
from tests.product import Product

WAITS = "select exists (select from pg_locks where relation = 'events_orderreport'::regclass and not granted)"


def test_r11_migrations_give_way_to_who_uses_the_table_and_no_answer_fails(
    hardened: Product, tables: Tables, keys: dict[str, str]
) -> None:
    crowd = a_crowd("migrated", 100_000, 500)
    stream = Stream(hardened.url, keys["restart"], crowd)
    with stream.running():
        hardened.manage("migrate", "events", "0006")
        holder = psycopg2.connect(tables.url)
        with holder.cursor() as cursor:
            cursor.execute("lock table events_orderreport in row exclusive mode")
        letting_go = threading.Thread(target=_let_go_when_it_gave_way, args=(hardened, tables, holder))
        letting_go.start()
        said = hardened.manage("prepare")
        letting_go.join()
        assert "trying again" in said
    assert set(stream.statuses()) == {200}
    tables.wait_until_quiet(within_s=60)
    assert stream.lost(set(tables.stored(crowd))) == 0
    assert tables.ask("select to_regclass('orderreport_by_time') is not null") == [(True,)]


def _let_go_when_it_gave_way(product: Product, tables: Tables, holder: Any) -> None:
    """Holds the table until a migration has waited for it and given up waiting."""
    try:
        product.wait_for(lambda: bool(tables.ask(WAITS)[0][0]), within_s=60)
        product.wait_for(lambda: not tables.ask(WAITS)[0][0], within_s=60)
    finally:
        holder.close()
