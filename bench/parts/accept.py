"""How many events a second are accepted over HTTP, beside a bare application on the same server in the same run.

`python -m bench.parts.accept` measures by itself, on embedded servers in a temporary folder (QUICK=1: shorter).
The rounds alternate and the best of each counts: on a shared machine everything else only takes away.
"""

import base64
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psycopg2

from cdp.runtime.places import Places
from cdp.runtime.servers import servers_for, wanted_servers
from tests.product import free_port
from tests.servers import forget, temporary_var

ROOT = Path(__file__).resolve().parent.parent.parent
BATCH = 100
PROCESSES = 2
"""What `make run` starts by default, for both applications."""
CONNECTIONS = {"batch": 32, "single": 64}
BARE_TABLE = (
    "create table if not exists bare_inbox (id bigint generated always as identity primary key,"
    " body bytea storage external)"
)

Requests = list[tuple[str, dict[str, str], str]]


@dataclass(frozen=True)
class Accepted:
    """Events per second."""

    batch_per_s: float
    bare_batch_per_s: float
    single_per_s: float
    bare_single_per_s: float
    single_p99_ms: float

    @property
    def batch_ratio(self) -> float:
        return self.batch_per_s / self.bare_batch_per_s

    @property
    def single_ratio(self) -> float:
        return self.single_per_s / self.bare_single_per_s


def measure(environment: dict[str, str], key: str, *, seconds: float, rounds: int) -> Accepted:
    """`environment`: of a migrated installation whose servers run; `key`: a write key there."""
    database = environment["DATABASE_URL"]
    execute(database, BARE_TABLE)
    environment = {**environment, "BENCH_DATABASE_URL": database}
    best: dict[tuple[str, str], dict[str, Any]] = {}
    with (
        uvicorn("cdp.asgi:application", environment) as collector,
        uvicorn("bench.parts.bare:application", environment) as bare,
    ):
        for _ in range(rounds):
            for kind in ("batch", "single"):
                for name, port in (("collector", collector), ("bare", bare)):
                    execute(database, "truncate events_inboxbatch, bare_inbox")
                    result = load(port, requests(kind, key), connections=CONNECTIONS[kind], seconds=seconds)
                    if result["per_s"] > best.get((name, kind), {"per_s": 0})["per_s"]:
                        best[name, kind] = result
    return Accepted(
        best["collector", "batch"]["per_s"] * BATCH,
        best["bare", "batch"]["per_s"] * BATCH,
        best["collector", "single"]["per_s"],
        best["bare", "single"]["per_s"],
        best["collector", "single"]["p99_ms"],
    )


def requests(kind: str, key: str) -> Requests:
    """226-byte events, each with its own ids."""
    headers = {
        "authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode(),
        "content-type": "application/json",
    }
    if kind == "single":
        return [("/v1/track", headers, json.dumps(event(n))) for n in range(500)]
    batches = ([event(b * BATCH + n) for n in range(BATCH)] for b in range(20))
    return [("/v1/batch", headers, json.dumps({"batch": batch})) for batch in batches]


def event(number: int) -> dict[str, Any]:
    return {
        "type": "track",
        "event": "Product Viewed",
        "userId": f"user-{number:06}",
        "messageId": f"node-next-1767225600000-{number:08}",
        "timestamp": "2026-01-01T00:00:00.000Z",
        "properties": {"product_id": f"sku-{number % 97:04}", "price": 12.5, "q": 1},
    }


def load(port: int, sent: Requests, *, connections: int, seconds: float) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.parts.load", "127.0.0.1", str(port), str(connections), str(seconds)]
    ran = subprocess.run(
        command, cwd=ROOT, input=json.dumps(sent), capture_output=True, text=True, check=True, timeout=seconds + 60
    )
    result: dict[str, Any] = json.loads(ran.stdout)
    if set(result["statuses"]) != {"200"}:
        raise RuntimeError(f"not everything was taken: {result['statuses']}")
    return result


@contextmanager
def uvicorn(application: str, environment: dict[str, str]) -> Iterator[int]:
    port = free_port()
    command: Sequence[str] = (
        *(sys.executable, "-m", "uvicorn", application, "--loop", "uvloop", "--http", "httptools"),
        *("--no-access-log", "--log-level", "warning", "--port", str(port), "--workers", str(PROCESSES)),
    )
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        wait_for(port)
        yield port
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/", data=b"", timeout=5).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the server did not start")


def execute(database: str, sql: str) -> None:
    connection = psycopg2.connect(database)
    connection.autocommit = True
    connection.cursor().execute(sql)
    connection.close()


def manage(environment: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout


def main() -> None:
    var = temporary_var()
    places = Places.of(var)
    quick = bool(os.environ.get("QUICK"))
    try:
        with servers_for(places, wanted_servers(places)):
            environment = {**os.environ, "VAR_DIR": str(var), "DATABASE_URL": places.database_url}
            manage(environment, "migrate", "--verbosity", "0")
            key = json.loads(manage(environment, "source", "create", "bench"))["write_key"]
            accepted = measure(environment, key, seconds=2 if quick else 6, rounds=2 if quick else 3)
    finally:
        forget(places)
    print(json.dumps({**asdict(accepted), "batch_ratio": accepted.batch_ratio, "single_ratio": accepted.single_ratio}))


if __name__ == "__main__":
    main()
