"""Restarts PostgreSQL as its operator would, or worse; the supervisor starts it again."""

import os
import signal
import time
from contextlib import suppress

import psycopg2

from cdp.runtime import processes
from tests.faults.tables import Tables
from tests.product import Product

BACK_WITHIN_S = 60


def accepts(tables: Tables) -> bool:
    with suppress(psycopg2.OperationalError):
        return bool(tables.ask("select true"))
    return False


def restart(product: Product, tables: Tables, how: signal.Signals) -> tuple[float, float]:
    """When it went down and when it took connections again."""
    pid = product.postmaster_pid()
    down_s = time.monotonic()
    os.kill(pid, how)
    assert processes.wait_until(lambda: not processes.is_alive(pid), within_s=BACK_WITHIN_S)
    assert processes.wait_until(lambda: accepts(tables), within_s=BACK_WITHIN_S, every_s=0.02)
    return down_s, time.monotonic()
