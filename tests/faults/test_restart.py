"""Proof R6: PostgreSQL restarts and is swamped with connections. Senders notice no more than a 503."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg2
import pytest

from tests.faults.attack import a_crowd
from tests.faults.restart import restart
from tests.faults.stream import Stream
from tests.faults.tables import Tables
from tests.product import Product

TAKEN_AFTER_S = 3.0
"""From the moment PostgreSQL takes connections again."""
NOTICED_LATER_S = 1.0


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["fast", "immediate"])
def test_r6_postgres_restarts_again_and_again(
    hardened: Product, tables: Tables, keys: dict[str, str], how: signal.Signals
) -> None:
    crowd = a_crowd(f"restart{how}", 100_000, 500)
    stream = Stream(hardened.url, keys["restart"], crowd)
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
    """Takes every connection that the server gives, as soon as there is one."""

    url: str
    held: list[Any] = field(default_factory=list)
    refused: int = 0
    _over: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def raging(self) -> Iterator[None]:
        thread = threading.Thread(target=self._rage)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()
            for connection in self.held:
                connection.close()

    def _rage(self) -> None:
        while not self._over.is_set():
            try:
                self.held.append(psycopg2.connect(self.url, connect_timeout=5))
            except psycopg2.OperationalError:
                self.refused += 1
                time.sleep(0.01)


def test_r6_a_storm_of_connections_leaves_nothing_behind(
    hardened: Product, tables: Tables, keys: dict[str, str]
) -> None:
    crowd = a_crowd("storm", 100_000, 500)
    stream = Stream(hardened.url, keys["restart"], crowd)
    with stream.running():
        storm = Storm(tables.url)
        with storm.raging():
            hardened.wait_for(lambda: storm.refused > 0, within_s=60)
            assert len(storm.held) > 100
            os.kill(hardened.pids()["web.1"], signal.SIGKILL)
            hardened.wait_for(lambda: stream.tries[-1].status == 503, within_s=60)
        over_s = time.monotonic()
        hardened.wait_for(lambda: stream.tries[-1].status == 200, within_s=30)
    assert stream.taken_after(over_s) <= TAKEN_AFTER_S
    assert all(int(one.retry_after) >= 1 for one in stream.tries if one.status == 503)
    tables.wait_until_quiet(within_s=60)
    assert stream.lost(set(tables.stored(crowd))) == 0
