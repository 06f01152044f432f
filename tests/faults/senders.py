"""Processes that do nothing but plan and send, to be killed, stopped and doubled at will: without the whole product
around them a death costs milliseconds."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection

from tests.faults.rotation import children_of
from tests.product import ROOT

BATCH, LOT = 60, 20
"""Claimed and handed over together."""
LEASE_S = 1.0


@dataclass(frozen=True)
class Senders:
    process: "subprocess.Popen[bytes]"
    said: Path

    def pids(self) -> list[int]:
        return children_of(self.process.pid)

    def rounds(self) -> Counter[int]:
        """Pid → how often it was through."""
        return Counter(map(int, self.said.read_text().split()))

    def wait_for(self, condition: Callable[[], bool], *, within_s: float = 60) -> None:
        deadline = time.monotonic() + within_s
        while not condition():
            assert self.process.poll() is None, "the senders ended"
            assert time.monotonic() < deadline, f"not within {within_s} s"
            time.sleep(0.01)


@contextmanager
def senders(n: int, *broken: str, folder: Path) -> Iterator[Senders]:
    """On the test's own database."""
    said = folder / "rounds.txt"
    with said.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.send_on", str(n), *broken],
            cwd=ROOT,
            env=os.environ | _environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            start_new_session=True,
        )
    try:
        yield Senders(process, said)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _environment() -> dict[str, str]:
    """The bells of these processes are heard by nobody: they look all the time."""
    return {
        "DJANGO_SETTINGS_MODULE": "cdp.settings",
        "DATABASE_URL": settings.PLACES.database_url_of(connection.settings_dict["NAME"]),
        "BROKER_URL": "memory://localhost/",
        "SEND_LEASE_S": str(LEASE_S),
        "SEND_PROCESSES": "99",
    }
