"""Counters of this process: added to anywhere at the cost of a dictionary, taken by who writes them down."""

import threading
from collections.abc import Mapping

Counts = Mapping[tuple[str, tuple[str, ...]], float]
MOST = 5_000
"""Different ones between two writings; more would be a label that should be none."""

_lock = threading.Lock()
_counts: dict[tuple[str, tuple[str, ...]], float] = {}


def add(metric: str, *labels: str, n: float = 1) -> None:
    """`metric` without `tributary_` and `_total`, as cdp/operations/metrics/declared.py lists them."""
    key = (metric, labels)
    with _lock:
        if key in _counts or len(_counts) < MOST:
            _counts[key] = _counts.get(key, 0.0) + n


def take() -> Counts:
    global _counts
    with _lock:
        taken, _counts = _counts, {}
    return taken


def give_back(counts: Counts) -> None:
    """What could not be written is written later."""
    for (metric, labels), n in counts.items():
        add(metric, *labels, n=n)
