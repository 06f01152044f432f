"""Proof R10: three times the load that can be taken for ten minutes, then an hour at 70 % of it.

    make bench-overload            as said
    QUICK=1 make bench-overload    some seconds of each

The last line is JSON: answers by status, the p99 of what was accepted beside that of normal load in the same run, how
long the heap took to be worked off, what waited in the middle and at the end of the last part, growth of memory.
"""

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from cdp.runtime.places import Places
from cdp.runtime.record import stop_orphans
from tests.faults.attack import prepare
from tests.faults.flood import Flooded
from tests.faults.overload import Lasting, Overloaded, overload
from tests.product import Product
from tests.servers import forget, temporary_var

QUICK = bool(os.environ.get("QUICK"))
LASTING = (
    Lasting(saturated_s=3, normal_s=6, over_s=8, after_s=10)
    if QUICK
    else Lasting(saturated_s=20, normal_s=60, over_s=600, after_s=3600)
)
SENDERS = 100
INBOX_LIMIT_MB = "8" if QUICK else "256"
"""Small enough to be reached: until then more than can be worked off is simply taken."""


def main() -> None:
    product = Product(var=temporary_var(), extra={"LIVE_PROCESSES": "2", "INBOX_LIMIT_MB": INBOX_LIMIT_MB})
    try:
        key = prepare(product.start(), ["flood"])["flood"]
        print(json.dumps(told(overload(product, key, LASTING, senders=SENDERS, seed="flood"))))
    finally:
        product.stop()
        stop_orphans(Places.of(product.var))
        forget(Places.of(product.var))


def told(found: Overloaded) -> dict[str, Any]:
    parts = {"normal": found.normal, "over": found.over, "after": found.after}
    return {
        "bench": "overload",
        "can_per_s": round(found.can_per_s),
        **{name: of_part(part) for name, part in parts.items()},
        "over_p99_to_normal": round(found.over.quantile_ms(0.99) / found.normal.quantile_ms(0.99), 2),
        "drained_s": round(found.drained_s, 1),
        "waiting_mid": found.waiting_mid,
        "waiting_end": found.waiting_end,
        "memory_growth": round(found.memory_growth, 3),
        "seconds": asdict(LASTING),
        "quick": QUICK,
    }


def of_part(part: Flooded) -> dict[str, Any]:
    return {
        "accepted_per_s": round(part.accepted_per_s),
        "statuses": dict(part.statuses),
        "p50_ms": round(part.quantile_ms(0.5), 1),
        "p99_ms": round(part.quantile_ms(0.99), 1),
        "without_retry_after": part.without_retry_after,
    }


if __name__ == "__main__":
    main()
