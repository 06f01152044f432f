"""Keeps the product's processes and the embedded servers alive until it is told to stop."""

import os
import signal
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from types import FrameType

from cdp.runtime import processes
from cdp.runtime.child import Child
from cdp.runtime.children import ChildSpec
from cdp.runtime.listening import Listening
from cdp.runtime.log import Log
from cdp.runtime.problem import RuntimeProblem
from cdp.runtime.record import RunRecord, forget_record, write_record
from cdp.runtime.server import Server
from cdp.runtime.servers import EmbeddedServers

LOOK_EVERY_S = 0.2
STOP_WITHIN_S = 15.0
QUIT_WITHIN_S = 5.0


class Supervisor:
    """Runs in the main thread; each embedded server has a thread, because starting one can take long."""

    def __init__(self, embedded: EmbeddedServers, listening: Listening, log: Log) -> None:
        self._embedded = embedded
        self._listening = listening
        self._log = log
        self._children: list[Child] = []
        self._stopping = threading.Event()
        self._stops_asked = 0

    def heed_signals(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._asked_to_stop)

    def _asked_to_stop(self, number: int, frame: FrameType | None) -> None:
        self._stops_asked += 1
        self._stopping.set()

    @property
    def in_a_hurry(self) -> bool:
        return self._stops_asked > 1

    @property
    def stopping(self) -> bool:
        return self._stopping.is_set()

    def run(self, specs: Sequence[ChildSpec], *, when_up: Callable[[], None]) -> None:
        self._watch_servers()
        self._children = [Child(spec, self._log, self._listening.fd, self._embedded.places) for spec in specs]
        try:
            for child in self._children:
                child.start()
            self._write_record()
            self._announce(when_up)
            while not self._stopping.wait(LOOK_EVERY_S):
                changes = [child.look_after() for child in self._children]
                if any(changes):
                    self._write_record()
        finally:
            self._stopping.set()
            self._stop_children()

    def _write_record(self) -> None:
        running = tuple(found for child in self._children if (found := child.recorded()) is not None)
        write_record(self._embedded.places, RunRecord(self._listening.url, os.getpid(), running))

    def _announce(self, when_up: Callable[[], None]) -> None:
        """Says where the product answers, as soon as it does."""

        def wait() -> None:
            while not self._stopping.is_set():
                if answers(self._listening.own_url):
                    when_up()
                    return
                self._stopping.wait(0.1)

        threading.Thread(target=wait, name="first answer", daemon=True).start()

    def _watch_servers(self) -> None:
        for server in self._embedded.servers:
            threading.Thread(target=self._watch, args=(server,), name=f"watch {server.name}", daemon=True).start()

    def _watch(self, server: Server) -> None:
        while not self._stopping.wait(LOOK_EVERY_S):
            if server.is_running():
                continue
            self._log.line(server.name, "died; starting it again")
            started_s = time.monotonic()
            try:
                if self._embedded.heal(server):
                    self._log.line(server.name, f"runs again after {time.monotonic() - started_s:.1f} s")
            except (RuntimeProblem, OSError) as problem:
                self._log.line(server.name, str(problem))
                self._stopping.wait(2)

    def _stop_children(self) -> None:
        running = [child for child in self._children if child.is_running]
        self._log.line("up", f"stopping {', '.join(child.spec.name for child in running)} (Ctrl-C again: at once)")
        for child in running:
            child.signal_leader(signal.SIGTERM)
        self._wait_for(running, STOP_WITHIN_S)
        if not self.in_a_hurry:
            for child in running:
                # A worker busy with a long task: a cold stop, which gives the task back to the broker.
                child.signal_leader(signal.SIGQUIT)
            self._wait_for(running, QUIT_WITHIN_S)
        for child in self._children:
            child.signal_group(signal.SIGKILL)
        processes.wait_until(lambda: not any(child.is_running for child in running), within_s=QUIT_WITHIN_S)
        forget_record(self._embedded.places)

    def _wait_for(self, running: Sequence[Child], within_s: float) -> None:
        processes.wait_until(
            lambda: self.in_a_hurry or not any(child.is_running for child in running), within_s=within_s
        )


def answers(url: str) -> bool:
    """Any HTTP answer will do: the processes behind it are up."""
    try:
        with urllib.request.urlopen(url, timeout=5):  # noqa: S310
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
