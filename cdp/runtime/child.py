"""One supervised process: started, restarted with back-off when it dies, stopped with its whole group."""

import os
import signal
import subprocess
import time

from cdp.runtime import processes
from cdp.runtime.children import CODE, ChildSpec
from cdp.runtime.log import Log
from cdp.runtime.places import Places
from cdp.runtime.record import MARK, RecordedProcess

HEALTHY_AFTER_S = 5.0
LONGEST_PAUSE_S = 30.0
FIRST_PAUSE_S = 0.5


class Child:
    def __init__(self, spec: ChildSpec, log: Log, listening_fd: int, places: Places) -> None:
        self.spec = spec
        self._log = log
        self._environment = {"PYTHONUNBUFFERED": "1", MARK: str(places.var), **spec.environment}
        self._pass_fds = (listening_fd,) if spec.listens else ()
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at_s = 0.0
        self._start_again_at_s = 0.0
        self._pause_s = 0.0

    def start(self) -> None:
        """In a group of its own: Ctrl-C reaches only the supervisor, which ends things in order."""
        self._process = subprocess.Popen(
            self.spec.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=CODE,
            env=os.environ | self._environment,
            start_new_session=True,
            pass_fds=self._pass_fds,
        )
        self._started_at_s = time.monotonic()
        if self._process.stdout is not None:
            self._log.follow(self.spec.name, self._process.stdout)

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def recorded(self) -> RecordedProcess | None:
        if self._process is None or not self.is_running:
            return None
        pid = self._process.pid
        return RecordedProcess(name=self.spec.name, pid=pid, fingerprint=processes.fingerprint(pid))

    def look_after(self) -> bool:
        """Restarts it when it is due; whether a process was started or ended."""
        now_s = time.monotonic()
        if self._process is not None:
            code = self._process.poll()
            if code is None:
                return False
            self._after_end(code, now_s)
            return True
        if self.spec.once or now_s < self._start_again_at_s:
            return False
        self.start()
        return True

    def _after_end(self, code: int, now_s: float) -> None:
        # Its own children may outlive it (a pool of workers): they go with it.
        self.signal_group(signal.SIGKILL)
        self._process = None
        if self.spec.once:
            self._finish_once(code)
            return
        lived_s = now_s - self._started_at_s
        self._pause_s = (
            0.0 if lived_s >= HEALTHY_AFTER_S else min(max(FIRST_PAUSE_S, 2 * self._pause_s), LONGEST_PAUSE_S)
        )
        self._start_again_at_s = now_s + self._pause_s
        again = f"in {self._pause_s:g} s" if self._pause_s else "now"
        self._log.line(self.spec.name, f"ended ({how_it_ended(code)}); starting it again {again}")

    def _finish_once(self, code: int) -> None:
        if code == 0 and self.spec.finished is not None:
            self.spec.finished.unlink(missing_ok=True)
        self._log.line(self.spec.name, "done" if code == 0 else f"ended ({how_it_ended(code)})")

    def signal_group(self, number: signal.Signals) -> None:
        if self._process is not None:
            processes.send_group(self._process.pid, number)

    def signal_leader(self, number: signal.Signals) -> None:
        """Celery's parent stops its pool itself; the pool must not get the signal as well."""
        if self._process is not None and self._process.poll() is None:
            processes.send(self._process.pid, number)


def how_it_ended(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
