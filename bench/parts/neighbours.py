"""What a source that sends far more than it may does to one that sends little."""

import statistics
import threading
import time

from tests.faults.sdk import Heard, Sdk
from tests.faults.tables import Tables
from tests.product import Product

NOISY_THREADS = 8
NOISY_LIMIT_PER_S = 500
LIMIT = "update accounts_source set events_per_s = %s where name = 'noisy' returning id"
KEYS_ARE_READ_S = 2.0


def noisy_ratio(product: Product, noisy: str, quiet: str, *, seconds: float) -> float:
    """Median time of the quiet source's answers beside the noisy one, as a ratio to without it."""
    Tables(product).ask(LIMIT, NOISY_LIMIT_PER_S)
    time.sleep(KEYS_ARE_READ_S)
    alone_s = _median_s(product.url, quiet, seconds)
    done = threading.Event()
    refused = [0] * NOISY_THREADS
    threads = [
        threading.Thread(target=_hammer, args=(product.url, noisy, done, refused, n)) for n in range(NOISY_THREADS)
    ]
    for thread in threads:
        thread.start()
    try:
        time.sleep(0.5)
        beside_s = _median_s(product.url, quiet, seconds)
    finally:
        done.set()
        for thread in threads:
            thread.join()
    if not sum(refused):
        raise SystemExit("the noisy source was never refused: it was not noisy")
    return beside_s / alone_s


def _event(name: str, number: int) -> dict[str, object]:
    return {"type": "track", "event": "Noise", "userId": name, "messageId": f"{name}-{number}"}


def _median_s(url: str, key: str, seconds: float) -> float:
    sdk, took = Sdk(url, key, Heard()), []
    until_s = time.monotonic() + seconds
    while time.monotonic() < until_s:
        asked_s = time.monotonic()
        if sdk.post("/v1/batch", Sdk.body([_event("quiet", time.monotonic_ns())]))[0] != 200:
            raise SystemExit("the quiet source was refused")
        took.append(time.monotonic() - asked_s)
        time.sleep(0.01)
    return statistics.median(took)


def _hammer(url: str, key: str, done: threading.Event, refused: list[int], place: int) -> None:
    sdk = Sdk(url, key, Heard())
    while not done.is_set():
        body = Sdk.body([_event("noisy", time.monotonic_ns() + n) for n in range(100)])
        refused[place] += sdk.post("/v1/batch", body)[0] == 429
