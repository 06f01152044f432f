"""Proof R10: what the product does with three times what it can take, and how it is afterwards."""

import threading
import time
from dataclasses import dataclass
from pathlib import Path

from tests.faults.flood import Flooded, flood
from tests.faults.rotation import children_of
from tests.faults.tables import Tables
from tests.product import Product

WAITING = "select count(*), coalesce(sum(octet_length(body)), 0) from events_inboxbatch"
EFFECTS = "select coalesce(sum(n), 0) from events_eventstate"
SHARE = 0.7
TIMES = 3.0
LOOK_S = 0.05


@dataclass(frozen=True)
class Lasting:
    """How long each part takes, in seconds."""

    saturated_s: float
    normal_s: float
    over_s: float
    after_s: float


@dataclass(frozen=True)
class Overloaded:
    can_per_s: float
    """Events a second that take effect while more than that waits."""
    full: Flooded
    """What was said meanwhile: as much as the senders can send."""
    normal: Flooded
    over: Flooded
    after: Flooded
    drained_s: float
    waiting_mid: int
    waiting_end: int
    """Rows in the inbox in the middle and at the end of the last part."""
    memory_growth: float
    """Of all processes of the product, from the end of the normal part to the very end: 0.1 is a tenth."""


def overload(product: Product, key: str, lasting: Lasting, *, senders: int, seed: str) -> Overloaded:
    tables = Tables(product)
    can_per_s, full = saturated(product, key, lasting.saturated_s, senders=senders, tag=f"{seed}-full")
    some = {"senders": senders}
    normal = flood(
        product.url, key, events_per_s=SHARE * can_per_s, seconds=lasting.normal_s, tag=f"{seed}-normal", **some
    )
    tables.wait_until_quiet(within_s=60 + lasting.normal_s)
    before_kb = memory_kb(product)
    over = flood(product.url, key, events_per_s=TIMES * can_per_s, seconds=lasting.over_s, tag=f"{seed}-over", **some)
    drained_s = tables.wait_until_quiet(within_s=120 + 10 * lasting.over_s)
    mid: list[int] = []
    timer = threading.Timer(lasting.after_s / 2, lambda: mid.append(tables.ask(WAITING)[0][0]))
    timer.start()
    after = flood(
        product.url, key, events_per_s=SHARE * can_per_s, seconds=lasting.after_s, tag=f"{seed}-after", **some
    )
    end = tables.ask(WAITING)[0][0]
    timer.join()
    tables.wait_until_quiet(within_s=60 + lasting.after_s)
    growth = memory_kb(product) / before_kb - 1
    return Overloaded(can_per_s, full, normal, over, after, drained_s, mid[0], end, growth)


def saturated(product: Product, key: str, seconds: float, *, senders: int, tag: str) -> tuple[float, Flooded]:
    """Events a second that took effect, from the first of a heap to its last: neither the start counts, nor how long
    refused senders stay away when nothing is left."""
    tables = Tables(product)
    seen: list[tuple[float, int]] = []
    done = threading.Event()

    def look() -> None:
        while not done.wait(LOOK_S):
            n = int(tables.ask(EFFECTS)[0][0])
            if not seen or n > seen[-1][1]:
                seen.append((time.monotonic(), n))

    looking = threading.Thread(target=look)
    looking.start()
    try:
        found = flood(product.url, key, events_per_s=1e6, senders=senders, seconds=seconds, tag=tag)
        tables.wait_until_quiet(within_s=120 + 20 * seconds)
    finally:
        done.set()
        looking.join()
    (from_s, less), (to_s, more) = seen[1], seen[-1]
    return (more - less) / (to_s - from_s), found


def memory_kb(product: Product) -> int:
    """Resident memory of its processes and their children, without PostgreSQL's and Valkey's."""
    pids = [pid for leader in product.pids().values() for pid in (leader, *children_of(leader))]
    return sum(_resident_kb(pid) for pid in pids)


def _resident_kb(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0
