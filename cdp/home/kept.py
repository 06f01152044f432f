"""Numbers of the home page that may take long to count: counted at once if that is quick, else by a worker.

A page waits no longer than WITHIN_MS for each statement. What takes longer is counted in the background and kept in the
cache, with the moment it was counted at: the page shows that number and its age, and asks for a newer one.
"""

import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db import OperationalError, connection, transaction
from kombu.exceptions import OperationalError as BrokerAway
from redis.exceptions import RedisError

WITHIN_MS = 90
QUICK_S = 0.03
"""Counts as quick as that are not kept: they are always of this moment."""
FRESH_S, FRESH_TIMES, FRESH_MOST_S = 60.0, 100.0, 1800.0
"""A kept number is as good as new for a minute, or so many times as long as counting took, for half an hour at most."""
KEPT_S = 7 * 24 * 3600
ASKED_S = 120
"""So long a worker that was asked for is waited for before another is."""

Counter = Callable[..., Any]
"""Takes texts (days, a time zone), gives what JSON can hold."""
log = logging.getLogger(__name__)
_counters: dict[str, Counter] = {}


@dataclass(frozen=True)
class Kept:
    """`value` is None while it is counted for the first time; `at` when it was counted."""

    value: Any
    at: datetime
    took_s: float
    is_counted_anew: bool = False

    @property
    def is_fresh_until(self) -> datetime:
        fresh_s = min(max(FRESH_S, self.took_s * FRESH_TIMES), FRESH_MOST_S)
        return self.at + timedelta(seconds=fresh_s)


def counter(count: Counter) -> Counter:
    """Makes it known to workers by its name."""
    _counters[count.__name__] = count
    return count


def look_up(count: Counter, *arguments: str, now: datetime, ask: Callable[..., None]) -> Kept:
    """`ask` sends a worker to `count_and_keep` with the same name and arguments."""
    found = _read(_key(count.__name__, arguments))
    if found is not None and now < found.is_fresh_until:
        return found
    if not _is_asked(count.__name__, arguments) if found is None else found.took_s * 1000 < WITHIN_MS:
        counted = _in_time(count, arguments, now)
        if counted is not None:
            return counted
    _ask_once(count.__name__, arguments, ask)
    return Kept(found.value if found else None, found.at if found else now, found.took_s if found else 0.0, True)


def count_and_keep(name: str, *arguments: str, now: datetime) -> None:
    """What the worker does."""
    began = time.monotonic()
    value = _counters[name](*arguments)
    _write(_key(name, arguments), Kept(value, now, time.monotonic() - began))
    _forget(_asked_key(name, arguments))


def _in_time(count: Counter, arguments: tuple[str, ...], now: datetime) -> Kept | None:
    began = time.monotonic()
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("set local statement_timeout = %s", [WITHIN_MS])
            value = count(*arguments)
            cursor.execute("set local statement_timeout to default")
    except OperationalError:
        return None
    found = Kept(value, now, time.monotonic() - began)
    if found.took_s > QUICK_S:
        _write(_key(count.__name__, arguments), found)
    return found


def _is_asked(name: str, arguments: tuple[str, ...]) -> bool:
    """Whether a worker counts it already: it took too long once, and is not tried with each look."""
    try:
        return cache.get(_asked_key(name, arguments)) is not None
    except (RedisError, OSError):
        return False


def _ask_once(name: str, arguments: tuple[str, ...], ask: Callable[..., None]) -> None:
    try:
        if cache.add(_asked_key(name, arguments), 1, timeout=ASKED_S):
            ask(name, *arguments)
    except (BrokerAway, RedisError, OSError) as error:
        log.warning("Nobody could be asked to count %s: %s", name, type(error).__name__)


def _read(key: str) -> Kept | None:
    try:
        text = cache.get(key)
    except (RedisError, OSError):
        return None
    if text is None:
        return None
    told = json.loads(text)
    return Kept(told["value"], datetime.fromisoformat(told["at"]), told["took_s"])


def _write(key: str, found: Kept) -> None:
    text = json.dumps({"value": found.value, "at": found.at.isoformat(), "took_s": found.took_s})
    try:
        cache.set(key, text, timeout=KEPT_S)
    except (RedisError, OSError):
        log.warning("The cache is away; what was counted is not kept.")


def _forget(key: str) -> None:
    try:
        cache.delete(key)
    except (RedisError, OSError):
        log.warning("The cache is away.")


def _key(name: str, arguments: tuple[str, ...]) -> str:
    return ":".join(("home", name, *arguments))


def _asked_key(name: str, arguments: tuple[str, ...]) -> str:
    return f"{_key(name, arguments)}:asked"
