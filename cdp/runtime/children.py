"""The processes of the product. The Procfile describes the same ones for who supervises them another way."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cdp.runtime.problem import RuntimeProblem

CODE = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class ChildSpec:
    """One process to keep alive, or to run `once`; then `finished` is removed if it ended well."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    once: bool = False
    finished: Path | None = None
    listens: bool = False


def web(number: int, listening_fd: int) -> ChildSpec:
    """All web processes accept from the supervisor's socket: nothing is refused while one restarts."""
    command = (*uvicorn(), "--fd", str(listening_fd))
    return ChildSpec(name=f"web.{number}", command=command, listens=True)


def uvicorn() -> tuple[str, ...]:
    return (
        *(sys.executable, "-m", "uvicorn", "cdp.asgi:application", "--loop", "uvloop", "--http", "httptools"),
        *("--no-access-log", "--log-level", "warning", "--timeout-graceful-shutdown", "8"),
    )


def worker(queue: str, processes: int) -> ChildSpec:
    """A worker process per queue, so that long work never stands before live work."""
    return ChildSpec(
        name=queue,
        command=(
            *(
                sys.executable,
                "-m",
                "celery",
                "--quiet",
                "-A",
                "cdp.celery",
                "worker",
                "--queues",
                queue,
                "--hostname",
                f"{queue}@%h",
            ),
            *(
                "--concurrency",
                str(processes),
                "--loglevel",
                "warning",
                "--without-gossip",
                "--without-mingle",
            ),
        ),
        # Spinning threads of the learners ran 10 to 27 times slower on a busy machine.
        environment={"OMP_WAIT_POLICY": "PASSIVE"},
    )


def beat() -> ChildSpec:
    return ChildSpec(
        name="beat",
        command=(
            sys.executable,
            "-m",
            "celery",
            "--quiet",
            "-A",
            "cdp.celery",
            "beat",
            "--loglevel",
            "warning",
            "--pidfile",
            "",
        ),
    )


def demo(finished: Path) -> ChildSpec:
    command = (sys.executable, str(CODE / "manage.py"), "seed")
    return ChildSpec(name="seed", command=command, once=True, finished=finished)


def product(listening_fd: int) -> tuple[ChildSpec, ...]:
    webs = tuple(web(number + 1, listening_fd) for number in range(count("WEB_PROCESSES", 2)))
    live = worker("live", count("LIVE_PROCESSES", 2))
    bulk = worker("bulk", count("BULK_PROCESSES", 1))
    return (*webs, live, bulk, beat())


def count(variable: str, default: int) -> int:
    text = os.environ.get(variable) or str(default)
    if not text.isdecimal() or int(text) < 1:
        raise RuntimeProblem(f"{variable}={text}: it must be a number of processes, at least 1.")
    return int(text)
