"""The embedded servers by themselves: started, stopped, killed, found again."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg2
import pytest
import redis

from cdp.runtime import processes
from cdp.runtime.places import Places
from cdp.runtime.postgres import Postgres
from cdp.runtime.servers import EmbeddedServers, use_servers
from cdp.runtime.valkey import Valkey
from tests.servers import forget, temporary_var


@pytest.fixture
def places() -> Iterator[Places]:
    places = Places.of(temporary_var())
    yield places
    for server in (Valkey(places), Postgres(places)):
        server.stop(hurry=True)
    forget(places)


def use(places: Places) -> EmbeddedServers:
    return use_servers(places, (Postgres(places, durable=False), Valkey(places)))


def ask(places: Places, sql: str) -> object:
    connection = psycopg2.connect(places.database_url)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchone() if cursor.description else None
    finally:
        connection.close()


def valkey_client(places: Places) -> "redis.Redis":
    return redis.Redis(unix_socket_path=str(places.valkey_socket))


def pids(places: Places) -> tuple[int | None, int | None]:
    return Postgres(places).pid(), Valkey(places).pid()


def test_data_outlives_stop_and_start(places: Places) -> None:
    first = use(places)
    ask(places, "CREATE TABLE kept AS SELECT 42 AS answer")
    valkey_client(places).set("kept", "yes")
    assert first.leave()
    assert pids(places) == (None, None)

    second = use(places)
    assert ask(places, "SELECT answer FROM kept") == (42,)
    assert valkey_client(places).get("kept") == b"yes"
    assert ask(places, "SELECT datcollate, pg_encoding_to_char(encoding) FROM pg_database LIMIT 1") == ("C", "UTF8")
    second.leave()


def test_only_the_owner_can_open_the_sockets(places: Places) -> None:
    embedded = use(places)
    assert places.postgres_socket.stat().st_mode & 0o077 == 0
    assert places.valkey_socket.stat().st_mode & 0o077 == 0
    assert ask(places, "SHOW listen_addresses") == ("",)
    embedded.leave()


def test_two_starts_at_once_share_one_server_and_the_last_stops_it(places: Places) -> None:
    with ThreadPoolExecutor() as pool:
        one, two = pool.map(use, [places, places])
    running = pids(places)
    assert None not in running
    assert not one.leave()
    assert pids(places) == running
    assert two.leave()
    assert pids(places) == (None, None)


USE_AND_WAIT = """
import sys
from pathlib import Path
from cdp.runtime.places import Places
from cdp.runtime.postgres import Postgres
from cdp.runtime.servers import use_servers
places = Places.of(Path(sys.argv[1]))
held = use_servers(places, (Postgres(places, durable=False),))
print("up", flush=True)
sys.stdin.read()
"""


def test_a_killed_user_does_not_keep_the_servers_alive(places: Places) -> None:
    """Its lock goes with it: the next to leave is the last."""
    command = [sys.executable, "-c", USE_AND_WAIT, str(places.var)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"up\n"
        left_running = Postgres(places).pid()
        other.kill()
    embedded = use(places)
    assert left_running is not None
    assert Postgres(places).pid() == left_running
    assert embedded.leave()
    assert pids(places) == (None, None)


@pytest.mark.parametrize("server_of", [Postgres, Valkey])
def test_a_killed_server_is_started_again(places: Places, server_of: Callable[[Places], Postgres | Valkey]) -> None:
    server = server_of(places)
    embedded = use_servers(places, (server,))
    killed = server.pid()
    assert killed is not None
    assert not embedded.heal(server)
    os.kill(killed, signal.SIGKILL)
    assert processes.wait_until(lambda: not server.is_running(), within_s=15)
    assert embedded.heal(server)
    assert server.pid() not in (None, killed)
    embedded.leave()


@pytest.mark.parametrize("strangers_pid", [os.getpid(), 4_000_000], ids=["alive", "dead"])
def test_a_pid_file_left_by_a_reboot_is_not_believed(places: Places, strangers_pid: int) -> None:
    use(places).leave()
    ours = places.postgres_data.resolve() / "postmaster.pid"
    ours.write_text(f"{strangers_pid}\n{places.postgres_data}\n1700000000\n5432\n/nowhere\n\n  12345  67890\nready\n")
    (places.valkey_data / "valkey.pid").write_text(f"{strangers_pid}\n")
    assert pids(places) == (None, None)
    embedded = use(places)
    assert None not in pids(places)
    embedded.leave()


@pytest.mark.parametrize("name", ["x" * 100, 'it\'s a "shop", café \\ 100%'])
def test_a_state_folder_with_a_long_or_awkward_name(name: str) -> None:
    outer = temporary_var().parent
    places = Places.of(outer / name)
    try:
        embedded = use(places)
        assert ask(places, "SELECT 1") == (1,)
        assert valkey_client(places).ping()
        assert embedded.leave()
        assert not places.sockets.exists() or places.var in places.sockets.parents
    finally:
        for server in (Valkey(places), Postgres(places)):
            server.stop(hurry=True)
        forget(places)


def test_a_start_that_was_killed_while_making_the_data_folder_leaves_no_half_one(places: Places) -> None:
    half = Path(f"{places.postgres_data}.0123abcd")
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    embedded = use(places)
    assert ask(places, "SELECT 1") == (1,)
    embedded.leave()
