"""What PostgreSQL and Valkey have in common: a program in a session of its own."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cdp.runtime.places import Places
from cdp.runtime.problem import RuntimeProblem
from cdp.runtime.processes import is_alive
from cdp.runtime.unprivileged import Account

LONGEST_KEPT_LOG = 10_000_000
"""Bytes of a server's own log before it is put aside at the next start."""


class ServerDidNotStart(RuntimeProblem):
    """An embedded server did not start; the message ends with what it wrote."""


class Server(Protocol):
    """An embedded server. The caller holds the start lock around `start` and `stop`."""

    name: str

    def is_running(self) -> bool: ...

    def start(self) -> None: ...

    def stop(self, *, hurry: bool = False) -> None: ...


@dataclass(frozen=True)
class Program:
    """A server's program and where it writes what it has to say."""

    command: tuple[str, ...]
    log: Path
    account: Account | None = None

    def spawn(self) -> "Spawned":
        """In a session of its own (Ctrl-C must not reach it), holding no pipe of ours."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        put_aside_if_long(self.log)
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=bare_environment(),
                start_new_session=True,
                user=self.account.uid if self.account else None,
                group=self.account.gid if self.account else None,
                extra_groups=[] if self.account else None,
            )
            return Spawned(process=process, log=self.log, log_from=log.tell())


@dataclass(frozen=True)
class Spawned:
    """A server that we started and may have to reap."""

    process: "subprocess.Popen[bytes]"
    log: Path
    log_from: int

    def has_ended(self) -> bool:
        return self.process.poll() is not None

    def said(self) -> str:
        """The last lines it wrote."""
        with self.log.open("rb") as log:
            log.seek(self.log_from)
            return "\n".join(log.read().decode(errors="replace").strip().splitlines()[-8:])


def bare_environment() -> dict[str, str]:
    """No PG* variable of the user's shell may reach the server."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def put_aside_if_long(log: Path) -> None:
    if log.exists() and log.stat().st_size > LONGEST_KEPT_LOG:
        log.replace(log.with_suffix(".old.log"))


def recorded_pid(path: Path) -> int | None:
    """The first line of a pid file; None if there is none or it is not a number."""
    try:
        return int(path.read_text().splitlines()[0])
    except (OSError, ValueError, IndexError):
        return None


def ended(pid: int, spawned: Spawned | None) -> bool:
    """Whether it is gone; asks our child first, which would otherwise stay a zombie."""
    if spawned is not None and spawned.process.pid == pid:
        return spawned.has_ended()
    return not is_alive(pid)


def make_socket_folder(places: Places) -> None:
    """In a folder that others write to as well (/tmp), a folder that is not ours is a trap."""
    folder = places.sockets
    folder.mkdir(mode=0o711, parents=True, exist_ok=True)
    facts = folder.lstat()
    if folder.is_symlink() or facts.st_uid != os.geteuid():
        raise RuntimeProblem(f"{folder} belongs to somebody else. Remove it, or choose another VAR_DIR.")
    folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
