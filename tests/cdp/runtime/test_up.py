"""`manage.py up` is started, hurt and stopped as its user and his machine would do it."""

import os
import re
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg2
import pytest

from cdp.runtime import processes
from cdp.runtime.places import Places
from cdp.runtime.postgres import Postgres
from cdp.runtime.record import MARK
from tests.product import Product

NewProduct = Callable[..., Product]


@pytest.fixture(scope="module")
def settled(product: Product) -> Iterator[Product]:
    yield product
    product.wait_for(product.answers, within_s=60)


def left_running(var: Path) -> list[int]:
    return list(processes.pids_with_environment(MARK, str(var)))


def count_users(product: Product) -> str:
    return product.manage(
        "shell", "-v0", "-c", "from cdp.accounts.models import User; print(User.objects.count())", check=False
    ).strip()


def test_everything_killed_at_once_comes_back_by_itself(settled: Product) -> None:
    def all_pids() -> dict[str, int]:
        return {"postgres": settled.postmaster_pid(), "valkey": settled.valkey_pid()} | settled.pids()

    victims = all_pids()
    assert {"web.1", "live", "bulk", "beat"} <= set(victims)
    for pid in victims.values():
        os.kill(pid, signal.SIGKILL)

    def all_back() -> bool:
        try:
            now = all_pids()
        except (OSError, IndexError, ValueError):
            return False
        return now.keys() == victims.keys() and all(now[name] != victims[name] for name in victims)

    settled.wait_for(all_back, within_s=60)
    settled.wait_for(settled.answers, within_s=60)
    settled.wait_for(lambda: count_users(settled) == "1", within_s=60)


def test_a_second_start_with_the_same_state_names_the_address_of_the_first(settled: Product) -> None:
    second = Product(var=settled.var)
    second.output.write_text("")
    second.begin()
    assert second.process is not None
    assert second.process.wait(90) == 1
    assert f"already runs at {settled.url}" in second.said()
    assert "Traceback" not in second.said()


def test_the_log_names_the_process_of_each_line(settled: Product) -> None:
    log = (settled.var / "logs" / "tributary.log").read_text()
    assert re.search(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d up +applying \d+ migrations$", log, re.M)


def test_the_first_login_is_shown_but_not_kept(settled: Product) -> None:
    """In the terminal only: a log file is read by more people, and for longer."""
    kept = (settled.var / "logs" / "tributary.log").read_text()
    assert "password" not in kept


def test_a_port_in_use_gets_a_sentence(new_product: NewProduct) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        product = new_product()
        product.port = taken.getsockname()[1]
        product.begin()
        assert product.process is not None
        assert product.process.wait(90) == 1
        assert f"Port {product.port} is in use" in product.said()
        assert "Traceback" not in product.said()


def test_a_killed_supervisor_is_followed_by_a_clean_start_and_a_clean_end(new_product: NewProduct) -> None:
    product = new_product().start()
    first_login = re.search(r"First login: (\S+)  password: (\S+)", product.said())
    assert first_login is not None
    orphans = product.pids()
    assert product.process is not None
    product.process.kill()
    product.process.wait()
    # A worker's parent dies too: its pool would be left to nobody.
    os.kill(orphans["live"], signal.SIGKILL)
    assert len(left_running(product.var)) >= 3

    product.output.unlink()
    product.start()
    assert "left behind by a start that was killed" in product.said()
    assert "First login" not in product.said()
    assert not any(processes.is_alive(pid) for pid in orphans.values())
    assert count_users(product) == "1"

    assert product.stop() == 0
    assert left_running(product.var) == []
    assert "postgres and valkey stopped" in product.said()
    assert not (product.var / "postgres" / "postmaster.pid").exists()
    assert "Traceback" not in product.said()


def test_a_command_brings_its_own_servers_and_takes_them_away(new_product: NewProduct) -> None:
    product = new_product()
    product.manage("migrate", "-v0")
    assert count_users(product) == "0"
    assert not (product.var / "postgres" / "postmaster.pid").exists()


def test_servers_of_the_users_own_are_used_instead(new_product: NewProduct) -> None:
    test_run = Places.of(Path(os.environ["VAR_DIR"]))
    own = {
        "DATABASE_URL": test_run.database_url_of("own_server"),
        "BROKER_URL": test_run.broker_url.replace("virtual_host=0", "virtual_host=7"),
        "CACHE_URL": test_run.cache_url.replace("db=2", "db=8"),
    }
    product = new_product(**own)
    product.begin()
    assert product.process is not None
    assert product.process.wait(90) == 1
    assert "Cannot reach the database that DATABASE_URL names" in product.said()

    connection = psycopg2.connect(test_run.database_url_of("postgres"))
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE own_server")
    connection.close()
    product.start()
    assert product.pids().keys() == {"web.1", "live", "bulk", "beat"}
    assert not (product.var / "postgres").exists()
    assert not (product.var / "valkey").exists()
    assert product.stop() == 0
    assert Postgres(test_run).is_running()


def test_a_stop_while_starting_leaves_nothing(new_product: NewProduct) -> None:
    product = new_product()
    product.begin()
    product.wait_for(lambda: "starting" in product.said(), within_s=60)
    assert product.stop() in (0, 1)
    assert "Traceback" not in product.said()
    assert left_running(product.var) == []
    assert not (product.var / "postgres" / "postmaster.pid").exists()
