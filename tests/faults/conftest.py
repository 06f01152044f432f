"""One product that the faults of this folder happen to, one after the other."""

from collections.abc import Iterator

import pytest

from cdp.runtime.places import Places
from cdp.runtime.record import stop_orphans
from tests.faults.attack import prepare
from tests.faults.mailing import Mailing, mailings
from tests.faults.rotation import wait_until_whole
from tests.faults.tables import Tables
from tests.product import Product
from tests.servers import forget, temporary_var

MAILINGS = {"brokerless": (150, 50), "doubled": (400, 50), "rotated": (400, 20)}
"""How many people, and how many a second."""
SOURCES = ("once", "bad", "broker", "clocks", "doubled", "killed", "hasty", "restart", "traces")


@pytest.fixture(scope="package")
def hardened() -> Iterator[Product]:
    processes = {"WEB_PROCESSES": "1", "LIVE_PROCESSES": "2", "SEND_PROCESSES": "2"}
    running = Product(var=temporary_var(), extra={**processes, "SEND_LEASE_S": "3"})
    try:
        yield running.start()
    finally:
        running.stop()
        stop_orphans(Places.of(running.var))
        forget(Places.of(running.var))


@pytest.fixture(scope="package")
def keys(hardened: Product) -> dict[str, str]:
    """Write keys by the name of their source."""
    return prepare(hardened, SOURCES)


@pytest.fixture(scope="package")
def running_mailings(hardened: Product) -> Iterator[dict[str, Mailing]]:
    """By MAILINGS. None has begun."""
    with mailings(hardened, MAILINGS) as made:
        yield made


@pytest.fixture
def tables(hardened: Product, keys: dict[str, str]) -> Tables:
    """Of the product, whole again after what the test before did to it."""
    wait_until_whole(hardened, within_s=60)
    hardened.wait_for(hardened.answers, within_s=60)
    return Tables(hardened)
