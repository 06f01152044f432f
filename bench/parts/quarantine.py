"""How much bad messages slow down the good ones among them."""

import http.client
import json
import time

from tests.faults.attack import a_crowd
from tests.faults.bad import bad
from tests.faults.crowd import Crowd
from tests.faults.sdk import Heard, Sdk
from tests.faults.tables import Tables
from tests.product import Product

ONE_IN = 1000


def bad_ratio(product: Product, key: str, *, messages: int, rounds: int) -> float:
    """Speed with one bad message in a thousand, as a ratio to the speed without; the best of each."""
    pure, mixed = [], []
    for number in range(rounds):
        pure.append(_seconds(product, key, a_crowd(f"pure{number}", messages, messages // 20), has_bad=False))
        mixed.append(_seconds(product, key, a_crowd(f"mixed{number}", messages, messages // 20), has_bad=True))
    return min(pure) / min(mixed)


def _seconds(product: Product, key: str, crowd: Crowd, *, has_bad: bool) -> float:
    """From the first request until everything has taken effect."""
    bodies = list(_bodies(crowd, has_bad=has_bad))
    sdk = Sdk(product.url, key, Heard())
    started_s = time.monotonic()
    for body in bodies:
        if sdk.post("/v1/batch", body)[0] != http.client.OK:
            raise SystemExit("a batch was not taken")
    Tables(product).wait_until_quiet(within_s=600)
    return time.monotonic() - started_s


def _bodies(crowd: Crowd, *, has_bad: bool) -> list[bytes]:
    bodies = []
    for index, batch in enumerate(crowd.batches()):
        messages = [json.dumps(message).encode() for message in batch]
        if has_bad and index * len(batch) % ONE_IN == 0:
            messages.insert(index % len(messages), bad(index * len(batch) // ONE_IN, tag=crowd.tag))
        bodies.append(b'{"batch":[' + b",".join(messages) + b"]}")
    return bodies
