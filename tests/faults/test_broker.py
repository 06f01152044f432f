"""Proof R5: the broker forgets everything, dies, hangs and stays away. Senders notice nothing, nothing is lost."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import redis

from cdp.runtime.lock import holding
from cdp.runtime.places import Places
from cdp.runtime.servers import start_lock
from tests.faults.attack import a_crowd
from tests.faults.stream import Stream
from tests.faults.tables import Tables
from tests.product import Product

CATCHES_UP_S = 60
SLOWEST_S = 5.0
GONE_S = 8


def flushed(product: Product) -> None:
    with redis.Redis(unix_socket_path=str(Places.of(product.var).valkey_socket)) as client:
        for _ in range(10):
            client.flushall()
            time.sleep(0.3)


def killed(product: Product) -> None:
    for _ in range(2):
        os.kill(product.valkey_pid(), signal.SIGKILL)
        time.sleep(3)


def gone(product: Product, *, seconds: float = GONE_S) -> None:
    """Nobody can start it as long as the lock for that is held."""
    with holding(start_lock(Places.of(product.var))):
        os.kill(product.valkey_pid(), signal.SIGKILL)
        time.sleep(seconds)


def hanging(product: Product) -> None:
    """Worse than gone: it takes connections and never answers."""
    with stopped(product.valkey_pid()):
        time.sleep(GONE_S)


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@pytest.mark.parametrize("fault", [flushed, killed, gone, hanging])
def test_r5_senders_notice_nothing_and_the_rest_catches_up(
    hardened: Product, tables: Tables, keys: dict[str, str], fault: Callable[[Product], None]
) -> None:
    crowd = a_crowd(f"broker-{fault.__name__}", 100_000, 500)
    stream = Stream(hardened.url, keys["broker"], crowd)
    with stream.running():
        time.sleep(0.5)
        fault(hardened)
    assert set(stream.statuses()) == {200}
    assert stream.slowest_s() <= SLOWEST_S
    tables.wait_until_quiet(within_s=CATCHES_UP_S)
    stored = tables.stored(crowd)
    assert stream.lost(set(stored)) == 0
    assert set(stored.values()) == {1}
