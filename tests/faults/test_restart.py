"""Proof R6: PostgreSQL restarts and is swamped with connections. Senders notice no more than a 503."""

import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import psycopg2
import pytest

from tests.faults.attack import a_crowd, create_source
from tests.faults.restart import restart
from tests.faults.stream import Stream
from tests.faults.tables import Tables
from tests.product import Product

TAKEN_AFTER_S = 3.0
"""From the moment PostgreSQL takes connections again."""
NOTICED_LATER_S = 1.0


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["fast", "immediate"])
def test_r6_postgres_restarts_again_and_again(hardened: Product, tables: Tables, how: signal.Signals) -> None:
    crowd = a_crowd(f"restart{how}", 100_000, 500)
    stream = Stream(hardened.url, create_source(hardened, crowd.tag), crowd)
    away = []
    with stream.running():
        for _ in range(4):
            away.append(restart(hardened, tables, how))
            time.sleep(1.5)
    taken_after_s = [stream.taken_after(back_s) for _, back_s in away]
    assert max(taken_after_s) <= TAKEN_AFTER_S, taken_after_s
    assert set(stream.statuses()) == {200, 503}
    for one in stream.tries:
        if one.status == 503:
            assert int(one.retry_after) >= 1
            assert any(down_s <= one.answered_s <= back_s + NOTICED_LATER_S for down_s, back_s in away)
    tables.wait_until_quiet(within_s=60)
    stored = tables.stored(crowd)
    assert stream.lost(set(stored)) == 0
    assert set(stored.values()) == {1}


@dataclass
class Storm:
    url: str
    held: list[Any] = field(default_factory=list)

    def rage(self) -> None:
        """Takes every connection the server still gives."""
        with suppress(psycopg2.OperationalError):
            while True:
                self.held.append(psycopg2.connect(self.url, connect_timeout=5))

    def end(self) -> None:
        for connection in self.held:
            connection.close()


def test_r6_a_storm_of_connections_leaves_nothing_behind(hardened: Product, tables: Tables) -> None:
    crowd = a_crowd("storm", 100_000, 500)
    stream = Stream(hardened.url, create_source(hardened, crowd.tag), crowd)
    with stream.running():
        storm = Storm(tables.url)
        try:
            storm.rage()
            assert len(storm.held) > 100
            os.kill(hardened.pids()["web.1"], signal.SIGKILL)
            storm.rage()  # its connections too
            hardened.wait_for(lambda: stream.tries[-1].status == 503, within_s=30)
        finally:
            storm.end()
        over_s = time.monotonic()
        hardened.wait_for(lambda: stream.tries[-1].status == 200, within_s=30)
    assert stream.taken_after(over_s) <= TAKEN_AFTER_S
    assert all(int(one.retry_after) >= 1 for one in stream.tries if one.status == 503)
    tables.wait_until_quiet(within_s=60)
    assert stream.lost(set(tables.stored(crowd))) == 0
