"""The embedded PostgreSQL: one cluster in VAR_DIR, reached through a socket only its owner can open."""

import os
import secrets
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

import psycopg2

from cdp.runtime import processes
from cdp.runtime.binaries import PostgresBinaries, postgres_binaries
from cdp.runtime.places import Places
from cdp.runtime.postgres_settings import settings_file
from cdp.runtime.server import (
    Program,
    ServerDidNotStart,
    Spawned,
    bare_environment,
    ended,
    make_socket_folder,
    recorded_pid,
)
from cdp.runtime.unprivileged import Account, new_data_folder, readable_binaries, server_account

READY_WITHIN_S = 600.0
"""Recovery after a crash replays at most a few gigabytes of log."""
SPAWN_AGAIN_WITHIN_S = 20.0
"""How long a dead server's last children may keep its shared memory."""
HELD_BY_THE_DEAD = ("shared memory block", "lock file")
"""In PostgreSQL's own words: worth another try, because the dead server's children are about to go."""
STOP_WITHIN_S = 60.0


@dataclass
class Postgres:
    """`durable=False` gives up safety for speed: for tests, which throw the data away."""

    places: Places
    durable: bool = True
    name: str = "postgres"
    _spawned: Spawned | None = field(default=None, repr=False)

    @property
    def data(self) -> Path:
        return self.places.postgres_data.resolve()

    def pid(self) -> int | None:
        """The postmaster's pid. After a reboot the number in the file can be a stranger's: look first."""
        if self._spawned is not None and not self._spawned.has_ended():
            # It may not have written its file yet.
            return self._spawned.process.pid
        pid = recorded_pid(self.data / "postmaster.pid")
        if pid is None or not processes.is_alive(pid):
            return None
        return pid if processes.command_line(pid).rstrip().endswith(f" -D {self.data}") else None

    def is_running(self) -> bool:
        return self.pid() is not None

    def start(self) -> None:
        account = server_account()
        binaries = postgres_binaries()
        if account is not None:
            binaries = readable_binaries(binaries, self.places.var)
        if not (self.data / "PG_VERSION").exists():
            make_cluster(self.places.postgres_data, binaries, account)
        if not self.is_running():
            self._spawn(binaries, account)
        self._wait_until_ready()
        make_database(self.places)

    def _spawn(self, binaries: PostgresBinaries, account: Account | None) -> None:
        make_socket_folder(self.places)
        self.places.postgres_socket.mkdir(mode=0o700, exist_ok=True)
        if account is not None:
            account.own(self.places.postgres_socket)
        conf = self.data / "tributary.conf"
        conf.write_text(settings_file(self.places, durable=self.durable))
        conf.chmod(0o644)
        program = Program(
            command=(str(binaries.bin / "postgres"), "-D", str(self.data)),
            log=self.places.logs / "postgres.log",
            account=account,
        )
        deadline = time.monotonic() + SPAWN_AGAIN_WITHIN_S
        while True:
            clear_remains(self.data)
            spawned = self._spawned = program.spawn()
            if self._holds_its_ground(spawned):
                return
            waits = any(reason in spawned.said() for reason in HELD_BY_THE_DEAD)
            if not waits or time.monotonic() > deadline:
                raise ServerDidNotStart(f"PostgreSQL did not start:\n{spawned.said()}")
            time.sleep(0.2)

    def _holds_its_ground(self, spawned: Spawned) -> bool:
        """It either takes the data folder within a moment, or gives up on what a dead server left."""
        processes.wait_until(lambda: spawned.has_ended() or self._accepts(), within_s=2, every_s=0.02)
        return not spawned.has_ended()

    def _wait_until_ready(self) -> None:
        if not processes.wait_until(lambda: self._accepts() or not self.is_running(), within_s=READY_WITHIN_S):
            raise ServerDidNotStart(f"PostgreSQL still recovers after {READY_WITHIN_S:.0f} s; see {self.places.logs}.")
        if not self._accepts():
            said = self._spawned.said() if self._spawned else ""
            raise ServerDidNotStart(f"PostgreSQL ended while it started:\n{said}")

    def _accepts(self) -> bool:
        try:
            psycopg2.connect(self.places.database_url_of("postgres"), connect_timeout=5).close()
        except psycopg2.OperationalError:
            return False
        return True

    def stop(self, *, hurry: bool = False) -> None:
        pid = self.pid()
        if pid is None:
            return
        for number in [signal.SIGQUIT] if hurry else [signal.SIGINT, signal.SIGQUIT]:
            processes.send(pid, number)
            if processes.wait_until(lambda: ended(pid, self._spawned), within_s=STOP_WITHIN_S):
                return
        processes.send(pid, signal.SIGKILL)


def make_cluster(link: Path, binaries: PostgresBinaries, account: Account | None) -> None:
    """Into a sibling folder first: a start that is killed half-way leaves no half cluster."""
    final = new_data_folder(link) if account else link
    draft = final.with_name(f"{final.name}.{secrets.token_hex(4)}")
    draft.mkdir(mode=0o700, parents=True)
    if account is not None:
        account.own(draft)
    command = [str(binaries.bin / "initdb"), "-D", str(draft), "-U", "tributary", "-E", "UTF8", "--locale=C"]
    command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"]
    command += ["--auth-local=trust", "--auth-host=scram-sha-256"]
    made = subprocess.run(
        command,
        cwd="/",
        env=bare_environment(),
        capture_output=True,
        text=True,
        check=False,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )
    if made.returncode != 0:
        shutil.rmtree(draft)
        raise ServerDidNotStart(f"PostgreSQL could not make its data folder:\n{made.stderr.strip()}")
    with (draft / "postgresql.conf").open("a") as conf:
        conf.write("\ninclude 'tributary.conf'\ninclude 'local.conf'\n")
    local = draft / "local.conf"
    local.write_text("# Your own settings; they override tributary.conf.\n")
    local.chmod(0o644)
    draft.rename(final)
    if final != link:
        link.symlink_to(final)


def clear_remains(data: Path) -> None:
    """What a killed postmaster leaves: children that still work, and a pid file.

    The caller has made sure that the pid is dead or a stranger's. PostgreSQL itself still refuses to
    start while any old child is attached to the shared memory.
    """
    left = list(processes.pids_working_in(data))
    for pid in left:
        processes.send(pid, signal.SIGQUIT)
    processes.wait_until(lambda: not any(map(processes.is_alive, left)), within_s=5)
    (data / "postmaster.pid").unlink(missing_ok=True)


def make_database(places: Places) -> None:
    connection = psycopg2.connect(places.database_url_of("postgres"))
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = 'tributary'")
            if cursor.fetchone() is None:
                cursor.execute("CREATE DATABASE tributary")
    finally:
        connection.close()


def is_initialised(places: Places) -> bool:
    return os.path.exists(places.postgres_data / "PG_VERSION")  # noqa: PTH110
