"""The whole product as its user starts it: `manage.py up`, in a folder of its own, on a port of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
UP_WITHIN_S = 90.0
OWN_SERVERS = ("DATABASE_URL", "BROKER_URL", "CACHE_URL", "PORT", "HOST", "PUBLIC_URL", "SECRET_KEY")
"""Variables of the test run that must not leak into a product with servers of its own."""


@dataclass
class Product:
    """Start it, use it over HTTP and through `manage`, stop it. `env` is what its processes see."""

    var: Path
    port: int = field(default_factory=lambda: free_port())
    extra: dict[str, str] = field(default_factory=dict)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def env(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in OWN_SERVERS}
        own = {
            "VAR_DIR": str(self.var),
            "PORT": str(self.port),
            "DEMO": "0",
            "DJANGO_SETTINGS_MODULE": "cdp.settings",
        }
        return kept | own | {"WEB_PROCESSES": "1", "LIVE_PROCESSES": "1"} | self.extra

    def start(self) -> "Product":
        """Until it says that it runs: what a killed start left behind may answer earlier."""
        announced = self.said().count(self.announcement)
        self.begin()
        self.wait_for(lambda: self.said().count(self.announcement) > announced, within_s=UP_WITHIN_S)
        self.wait_for(self.answers, within_s=UP_WITHIN_S)
        return self

    @property
    def announcement(self) -> str:
        return f"Tributary runs at {self.url}\n"

    def begin(self) -> None:
        """Starts it without waiting for the first answer."""
        self.var.mkdir(parents=True, exist_ok=True)
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "up"],
                cwd=ROOT,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def output(self) -> Path:
        return self.var / "terminal.txt"

    def said(self) -> str:
        return self.output.read_text(errors="replace") if self.output.exists() else ""

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=5):
                return True
        except urllib.error.HTTPError as error:
            return error.code < 500
        except OSError:
            return False

    def wait_for(self, condition: Callable[[], bool], *, within_s: float) -> float:
        """Seconds until the condition holds; fails with the log if it does not, or if the product ends."""
        started = time.monotonic()
        while not condition():
            if self.process is not None and self.process.poll() is not None:
                raise AssertionError(f"the product ended with {self.process.returncode}:\n{self.said()[-4000:]}")
            if time.monotonic() - started > within_s:
                raise AssertionError(f"not within {within_s} s:\n{self.said()[-4000:]}")
            time.sleep(0.05)
        return time.monotonic() - started

    def manage(self, *args: str, check: bool = True) -> str:
        """Runs a manage.py command against it and returns what it printed."""
        ran = subprocess.run(
            [sys.executable, "manage.py", *args],
            cwd=ROOT,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=300,
        )
        if check and ran.returncode != 0:
            raise AssertionError(f"manage.py {' '.join(args)} failed:\n{ran.stdout}\n{ran.stderr}")
        return ran.stdout

    def pids(self) -> dict[str, int]:
        """Of web.1, live, bulk, beat, as the supervisor wrote them down."""
        record = json.loads((self.var / "locks" / "up.json").read_text())
        children: list[dict[str, Any]] = record["children"]
        return {child["name"]: int(child["pid"]) for child in children}

    def postmaster_pid(self) -> int:
        return int((self.var / "postgres" / "postmaster.pid").read_text().splitlines()[0])

    def valkey_pid(self) -> int:
        return int((self.var / "valkey" / "valkey.pid").read_text())

    def stop(self, *, within_s: float = 60.0) -> int:
        """Like Ctrl-C; returns the exit code."""
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(within_s)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGINT)
            return self.process.wait(30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
