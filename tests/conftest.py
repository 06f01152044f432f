"""The product as a fixture. The servers of the test run are started by tests/settings.py."""

from collections.abc import Callable, Iterator

import pytest

from cdp.runtime.places import Places
from cdp.runtime.record import stop_orphans
from tests.cast import Cast, the_cast
from tests.product import Product
from tests.servers import forget, stop_test_servers, temporary_var


def pytest_unconfigure() -> None:
    stop_test_servers()


@pytest.fixture
def new_product() -> Iterator[Callable[..., Product]]:
    """Makes products, each in a folder of its own, and stops them in the end."""
    made: list[Product] = []

    def make(**extra: str) -> Product:
        product = Product(var=temporary_var(), extra=extra)
        made.append(product)
        return product

    yield make
    for product in made:
        product.stop()
        stop_orphans(Places.of(product.var))
        forget(Places.of(product.var))


@pytest.fixture(scope="session")
def product() -> Iterator[Product]:
    """One running product for the stories that only talk to it."""
    running = Product(var=temporary_var())
    try:
        yield running.start()
    finally:
        running.stop()
        forget(Places.of(running.var))


@pytest.fixture
def cast(db: None) -> Cast:
    return the_cast()
