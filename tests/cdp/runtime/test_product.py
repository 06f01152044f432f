"""The product is started and hurt as its user and his machine would do it."""

import os
import signal
from collections.abc import Callable

import pytest

from tests.product import Product

NewProduct = Callable[..., Product]


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.fixture
def hurt(product: Product) -> Callable[[int], None]:
    return lambda pid: os.kill(pid, signal.SIGKILL)


def test_killed_servers_and_processes_come_back_by_themselves(product: Product, hurt: Callable[[int], None]) -> None:
    before = product.pids()
    victims = {"postgres": product.postmaster_pid(), "valkey": product.valkey_pid()} | before
    assert {"web.1", "live", "bulk", "beat"} <= set(victims)
    for pid in victims.values():
        hurt(pid)

    def all_back() -> bool:
        try:
            now = {"postgres": product.postmaster_pid(), "valkey": product.valkey_pid()} | product.pids()
        except (OSError, IndexError, ValueError):
            return False
        return now.keys() == victims.keys() and all(now[name] != victims[name] for name in victims)

    product.wait_for(all_back, within_s=15)
    product.wait_for(product.answers, within_s=15)
    product.wait_for(lambda: "1" in count_users(product), within_s=15)


def count_users(product: Product) -> str:
    return product.manage(
        "shell", "-v0", "-c", "from cdp.accounts.models import User; print(User.objects.count())", check=False
    )
