"""One product that the faults of this folder happen to, one after the other."""

from collections.abc import Iterator

import pytest

from cdp.runtime.places import Places
from cdp.runtime.record import stop_orphans
from tests.faults.attack import create_segments
from tests.faults.rotation import wait_until_whole
from tests.faults.tables import Tables
from tests.product import Product
from tests.servers import forget, temporary_var


@pytest.fixture(scope="package")
def hardened() -> Iterator[Product]:
    running = Product(var=temporary_var(), extra={"WEB_PROCESSES": "1", "LIVE_PROCESSES": "2"})
    try:
        create_segments(running.start())
        yield running
    finally:
        running.stop()
        stop_orphans(Places.of(running.var))
        forget(Places.of(running.var))


@pytest.fixture
def tables(hardened: Product) -> Tables:
    """Of the product, whole again after what the test before did to it."""
    wait_until_whole(hardened, within_s=60)
    hardened.wait_for(hardened.answers, within_s=60)
    return Tables(hardened)
