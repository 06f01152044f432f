"""Readouts of large tables that take a while: kept, told with their age, made anew behind the back of whoever looks.

What is made quickly is never kept: in a small shop every number is of this moment. What took long is shown as it was
for a while that grows with how long it took, and beyond that once more while a thread makes it anew.
"""

import hashlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Thread
from typing import Any, Generic, TypeVar

from django.conf import settings
from django.core.cache import cache
from django.db import connection

log = logging.getLogger(__name__)
Value = TypeVar("Value")
FRESH_TIMES = 60
"""A readout that took half a second is shown for half a minute."""
FRESH_AT_LEAST, FRESH_AT_MOST = timedelta(seconds=10), timedelta(minutes=15)
SHOWN_FOR = timedelta(days=1)
"""Older than this nobody is shown it; then it is made while they wait."""
ONE_AT_A_TIME_S = 120


@dataclass(frozen=True)
class Kept(Generic[Value]):
    value: Value
    at: datetime
    took_s: float

    @property
    def is_live(self) -> bool:
        """Made for whoever looks; not worth keeping."""
        return self.took_s < settings.READOUT_SLOW_S

    @property
    def fresh_until(self) -> datetime:
        span = timedelta(seconds=FRESH_TIMES * self.took_s)
        return self.at + min(max(span, FRESH_AT_LEAST), FRESH_AT_MOST)


def kept(make: Callable[[], Value], *about: object, now: datetime) -> Kept[Value]:
    """`about` says what is read out: equal for equal readouts, other once something changed that must show at once."""
    key = f"readout:{hashlib.sha256(repr(about).encode()).hexdigest()}"
    found: Kept[Value] | None = cache.get(key)
    if found is None or now - found.at > SHOWN_FOR:
        return _made(key, make, now)
    if now > found.fresh_until and cache.add(f"{key}:making", 1, timeout=ONE_AT_A_TIME_S):
        Thread(target=_make_behind, args=(key, make, now), daemon=True).start()
    return found


def _made(key: str, make: Callable[[], Value], now: datetime) -> Kept[Value]:
    started_s = time.monotonic()
    value = make()
    one = Kept(value, now, time.monotonic() - started_s)
    if one.is_live:
        cache.delete(key)
    else:
        cache.set(key, one, timeout=SHOWN_FOR.total_seconds())
    return one


def _make_behind(key: str, make: Callable[[], Any], now: datetime) -> None:
    try:
        _made(key, make, now)
    except Exception:
        log.exception("A readout could not be made anew; the old one stays")
    finally:
        cache.delete(f"{key}:making")
        connection.close()
