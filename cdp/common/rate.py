"""Fixed-window counters in the cache, for limits that must not cost a write to the database."""

import logging
from dataclasses import dataclass
from datetime import datetime

from django.core.cache import cache
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Verdict:
    is_allowed: bool
    retry_after_s: int = 0


def count(key: str, *, limit: int, window_s: int, now: datetime) -> Verdict:
    """Counts one and says whether it is within the limit. Without the cache everything is allowed:
    its absence must not shut people out."""
    left_s = window_s - int(now.timestamp()) % window_s
    try:
        n = _incremented(f"rate:{key}:{int(now.timestamp()) // window_s}", window_s)
    except (RedisError, OSError):
        log.warning("the cache is away; rate limits are off")
        return Verdict(True)
    return Verdict(n <= limit, 0 if n <= limit else left_s)


def _incremented(key: str, window_s: int) -> int:
    cache.add(key, 0, timeout=window_s + 5)
    try:
        return int(cache.incr(key))
    except ValueError:  # it expired in between
        cache.set(key, 1, timeout=window_s + 5)
        return 1
