"""Starts and stops the embedded servers for all who use an installation, however many and however they end.

Whoever uses the servers holds a shared lock on one file. Starting and stopping is done by one at a time,
under another lock. Whoever leaves tries to make the shared lock exclusive: who succeeds was the last
and stops the servers. A user that is killed loses its lock by dying: nothing to count, nothing to leak.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cdp.runtime.lock import Lock, holding, take_shared
from cdp.runtime.places import Places
from cdp.runtime.postgres import Postgres
from cdp.runtime.problem import RuntimeProblem
from cdp.runtime.record import left_behind
from cdp.runtime.server import Server
from cdp.runtime.valkey import Valkey


@dataclass(frozen=True)
class EmbeddedServers:
    """The servers in use; an empty tuple if the user brings both of their own."""

    places: Places
    servers: tuple[Server, ...]
    _use: Lock

    def heal(self, server: Server) -> bool:
        """Starts a server again that has died; whether that was needed."""
        with holding(start_lock(self.places)):
            if server.is_running():
                return False
            server.start()
            return True

    def leave(self, *, hurry: bool = False) -> bool:
        """Gives up the use; whether the servers were stopped because nobody else uses them."""
        with holding(start_lock(self.places)):
            last = self._use.try_exclusive() and not left_behind(self.places)
            if last:
                for server in reversed(self.servers):
                    server.stop(hurry=hurry)
                remove_outer_sockets(self.places)
            self._use.release()
            return last


def wanted_servers(places: Places, *, durable: bool = True) -> tuple[Server, ...]:
    """The embedded servers that the environment does not replace by servers of the user's own."""
    wanted: list[Server] = []
    if not os.environ.get("DATABASE_URL"):
        wanted.append(Postgres(places, durable=durable))
    if not os.environ.get("BROKER_URL") or not os.environ.get("CACHE_URL"):
        wanted.append(Valkey(places, durable=durable))
    return tuple(wanted)


def use_servers(places: Places, servers: tuple[Server, ...]) -> EmbeddedServers:
    """Starts those that do not run yet, and takes part in their use."""
    make_state_folder(places.var)
    use = take_shared(places.locks / "servers-in-use")
    embedded = EmbeddedServers(places=places, servers=servers, _use=use)
    try:
        with holding(start_lock(places)), ThreadPoolExecutor() as pool:
            for starting in [pool.submit(server.start) for server in servers]:
                starting.result()
    except BaseException:
        embedded.leave(hurry=True)
        raise
    return embedded


@contextmanager
def servers_for(places: Places, servers: tuple[Server, ...]) -> Iterator[EmbeddedServers]:
    embedded = use_servers(places, servers)
    try:
        yield embedded
    finally:
        embedded.leave()


def start_lock(places: Places) -> Path:
    return places.locks / "servers-start"


def make_state_folder(var: Path) -> None:
    try:
        var.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=var).close()
    except OSError as error:
        raise RuntimeProblem(
            f"Cannot write to the state folder {var} ({error.strerror}). Set VAR_DIR to another."
        ) from error


def remove_outer_sockets(places: Places) -> None:
    if places.var not in places.sockets.parents:
        shutil.rmtree(places.sockets, ignore_errors=True)
