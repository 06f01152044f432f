"""More processes of a running product than its supervisor started."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from cdp.runtime import processes
from tests.product import ROOT, Product, free_port

HASTY = Path(__file__).parent / "hasty"
CELERY = ("-m", "celery", "--quiet", "-A", "cdp.celery")


@contextmanager
def beside(product: Product, *command: str, log: str, **environment: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A Python process with the product's environment; what it says goes to a file in its logs."""
    with (product.var / "logs" / f"{log}.log").open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env=product.env | environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGCONT)
        process.terminate()
        if not processes.wait_until(lambda: process.poll() is not None, within_s=15):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextmanager
def hasty_web(product: Product) -> Iterator[str]:
    """The negative control: a collector that answers before it commits. Yields its address."""
    port = free_port()
    command = ("-m", "uvicorn", "cdp.asgi:application", "--port", str(port), "--log-level", "warning")
    with beside(product, *command, log="hasty", PYTHONPATH=f"{HASTY}:{ROOT}") as process:
        own = Product(product.var, port=port)
        own.process = process
        own.wait_for(own.answers, within_s=60)
        yield own.url


def worker(queues: Sequence[str]) -> tuple[str, ...]:
    return (*CELERY, "worker", "--queues", ",".join(queues), "--hostname", "second@%h", "--concurrency", "2")


def beat(schedule: Path) -> tuple[str, ...]:
    return (*CELERY, "beat", "--pidfile", "", "--schedule", str(schedule))
