"""Kills the product's processes in turn, every few seconds, without warning."""

import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from cdp.runtime import processes
from tests.product import Product

PAUSE_S = (2.0, 4.0)
FOUND_WITHIN_S = 60.0

Victim = Callable[[Product], int]


def named(name: str) -> Victim:
    return lambda product: product.pids()[name]


def pool_worker(product: Product) -> int:
    """One of the processes in which the live worker runs its tasks."""
    return one_of(children_of(product.pids()["live"]))


def postgres_backend(product: Product) -> int:
    """A connection's server process: PostgreSQL then ends all others and recovers."""
    own = children_of(product.postmaster_pid())
    return one_of([pid for pid in own if " tributary " in processes.command_line(pid)])


VICTIMS: dict[str, Victim] = {
    "web": named("web.1"),
    "live": named("live"),
    "postgres backend": postgres_backend,
    "bulk": named("bulk"),
    "postmaster": Product.postmaster_pid,
    "beat": named("beat"),
    "valkey": Product.valkey_pid,
    "pool worker": pool_worker,
}


def one_of(pids: list[int]) -> int:
    """Raises LookupError while there is none."""
    return pids[0]


def children_of(pid: int) -> list[int]:
    return [other for other in processes.all_pids() if parent_of(other) == pid and processes.is_alive(other)]


def parent_of(pid: int) -> int:
    fields = processes.stat_fields(pid)
    return int(fields[1]) if fields else 0


@dataclass
class Rotation:
    """`kills` in order; `rounds` counts how often each victim had its turn."""

    product: Product
    victims: Mapping[str, Victim]
    seed: int = 0
    pause_s: tuple[float, float] = PAUSE_S
    kills: list[str] = field(default_factory=list)
    failures: list[BaseException] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    @property
    def rounds(self) -> int:
        return len(self.kills) // len(self.victims)

    @contextmanager
    def running(self, *, at_least_rounds: int = 1) -> Iterator[None]:
        """Kills while the block runs, and on until each had its turn so often."""
        thread = threading.Thread(target=self._run, args=(at_least_rounds,))
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join()
        if self.failures:
            raise self.failures[0]

    def _run(self, at_least_rounds: int) -> None:
        draw = random.Random(self.seed)
        try:
            while not self._stop.is_set() or self.rounds < at_least_rounds:
                for name, victim in self.victims.items():
                    time.sleep(draw.uniform(*self.pause_s))
                    if self._stop.is_set() and self.rounds >= at_least_rounds:
                        return
                    self._kill(name, victim)
        except BaseException as error:
            self.failures.append(error)

    def _kill(self, name: str, victim: Victim) -> None:
        """It may just be starting again: then as soon as it runs."""
        deadline = time.monotonic() + FOUND_WITHIN_S
        while True:
            try:
                pid = victim(self.product)
                if processes.is_alive(pid):
                    os.kill(pid, signal.SIGKILL)
                    self.kills.append(name)
                    return
            except (OSError, LookupError, ValueError):
                pass
            if time.monotonic() > deadline:
                raise AssertionError(f"{name} did not come back within {FOUND_WITHIN_S:.0f} s")
            time.sleep(0.1)


def wait_until_whole(product: Product, *, within_s: float) -> None:
    """Until everything that is supervised runs again."""

    def is_whole() -> bool:
        try:
            return all(processes.is_alive(victim(product)) for victim in VICTIMS.values())
        except (OSError, LookupError, ValueError):
            return False

    product.wait_for(is_whole, within_s=within_s)
