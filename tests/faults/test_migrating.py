"""Proof R11: migrations go back and forth under load, and no sender notices."""

import threading
import time

import psycopg2

from tests.faults.attack import a_crowd
from tests.faults.stream import Stream
from tests.faults.tables import Tables
from tests.product import Product

HELD_S = 4.0


def test_r11_migrations_give_way_to_who_uses_the_table_and_no_answer_fails(
    hardened: Product, tables: Tables, keys: dict[str, str]
) -> None:
    crowd = a_crowd("migrated", 100_000, 500)
    stream = Stream(hardened.url, keys["restart"], crowd)
    with stream.running():
        hardened.manage("migrate", "events", "0006")
        with psycopg2.connect(tables.url) as holder, holder.cursor() as cursor:
            cursor.execute("lock table events_orderreport in row exclusive mode")
            release = threading.Timer(HELD_S, holder.commit)
            release.start()
            began_s = time.monotonic()
            said = hardened.manage("prepare")
            assert time.monotonic() - began_s >= HELD_S
            release.join()
        assert "trying again" in said
    assert set(stream.statuses()) == {200}
    assert stream.slowest_s() < HELD_S
    tables.wait_until_quiet(within_s=60)
    assert stream.lost(set(tables.stored(crowd))) == 0
    assert tables.ask("select to_regclass('orderreport_by_time') is not null") == [(True,)]
