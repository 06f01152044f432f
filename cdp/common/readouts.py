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
from typing import Generic, TypeVar

from django.conf import settings
from django.core.cache import cache
from django.db import connection

from cdp.common.estimate import table_size

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
    key = _key(about)
    return _found(key, make, now) or _made(key, make, now)


def kept_soon(make: Callable[[], Value], *about: object, now: datetime) -> Kept[Value] | None:
    """For parts that load by themselves: None while it is made for the first time of very many people. The part then
    asks for itself again (templates/_counting.html)."""
    key = _key(about)
    if found := _found(key, make, now):
        return found
    if float("inf") == settings.READOUT_SLOW_S or table_size("profiles_profile").is_exact:
        return _made(key, make, now)
    made: list[Kept[Value]] = []
    if (making := _behind(key, lambda: made.append(_made(key, make, now)))) is not None:
        making.join(settings.READOUT_SLOW_S)
        if not made and not making.is_alive():  # it failed: whoever looks is told
            return _made(key, make, now)
    return made[0] if made else None


def _key(about: tuple[object, ...]) -> str:
    return f"readout:{hashlib.sha256(repr(about).encode()).hexdigest()}"


def _found(key: str, make: Callable[[], Value], now: datetime) -> Kept[Value] | None:
    found: Kept[Value] | None = cache.get(key)
    if found is None or now - found.at > SHOWN_FOR:
        return None
    if now > found.fresh_until:
        _behind(key, lambda: _made(key, make, now))
    return found


def _behind(key: str, work: Callable[[], object]) -> Thread | None:
    """None if somebody is at it."""
    if not cache.add(f"{key}:making", 1, timeout=ONE_AT_A_TIME_S):
        return None
    making = Thread(target=_make_behind, args=(key, work), daemon=True)
    making.start()
    return making


def _made(key: str, make: Callable[[], Value], now: datetime) -> Kept[Value]:
    started_s = time.monotonic()
    value = make()
    one = Kept(value, now, time.monotonic() - started_s)
    if one.is_live:
        cache.delete(key)
    else:
        cache.set(key, one, timeout=SHOWN_FOR.total_seconds())
    return one


def _make_behind(key: str, work: Callable[[], object]) -> None:
    try:
        work()
    except Exception:
        log.exception("A readout could not be made; an old one stays")
    finally:
        cache.delete(f"{key}:making")
        connection.close()
