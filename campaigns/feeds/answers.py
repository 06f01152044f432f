"""Good answers kept in the cache: fresh ones are used, older ones stand in while an endpoint fails.

The cache may be the broker's own memory, so what a feed keeps is compressed and bounded. A cache that is away
delays and never stops: everything is asked then.
"""

import hashlib
import logging
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from django.core.cache.backends.base import BaseCache
from redis.exceptions import RedisError

from campaigns.feeds.definition import Definition

log = logging.getLogger(__name__)
STALE_S = 3_600
"""How much longer than fresh an answer stands in for one that failed."""
MOST_KEPT_BYTES = 64_000_000
"""Of one feed within the life of an answer, compressed."""
AWAY = (RedisError, OSError)


@dataclass(frozen=True)
class Kept:
    value: Any
    is_fresh: bool


def kept(cache: BaseCache, definition: Definition, urls: Iterable[str], *, now: datetime) -> dict[str, Kept]:
    """By address."""
    if not definition.feed.cache_s:
        return {}
    keys = {_key(definition, url): url for url in urls}
    try:
        found: Mapping[str, Any] = cache.get_many(list(keys))
    except AWAY:
        log.warning("the cache is away; feeds are asked for everything")
        return {}
    return {keys[key]: _read(one, definition, now) for key, one in found.items()}


def keep(cache: BaseCache, definition: Definition, bodies: Mapping[str, bytes], *, now: datetime) -> None:
    """Bodies of good answers, by address."""
    life_s = definition.feed.cache_s + STALE_S
    if not definition.feed.cache_s or not bodies:
        return
    packed = {_key(definition, url): (now.timestamp(), zlib.compress(body, 1)) for url, body in bodies.items()}
    size = sum(len(body) for _, body in packed.values())
    try:
        if _added(cache, f"feed:{definition.stamp}:kept", size, life_s) <= MOST_KEPT_BYTES:
            cache.set_many(packed, timeout=life_s)
    except AWAY:
        log.warning("the cache is away; answers of feeds are not kept")


def _added(cache: BaseCache, key: str, size: int, life_s: int) -> int:
    cache.add(key, 0, timeout=life_s)
    try:
        return int(cache.incr(key, size))
    except ValueError:  # it expired in between
        cache.set(key, size, timeout=life_s)
        return size


def _key(definition: Definition, url: str) -> str:
    """A digest: addresses may hold what is known of a person."""
    return f"feed:{definition.stamp}:{hashlib.sha256(url.encode()).hexdigest()[:40]}"


def _read(one: tuple[float, bytes], definition: Definition, now: datetime) -> Kept:
    asked_at, body = one
    return Kept(msgspec.json.decode(zlib.decompress(body)), now.timestamp() - asked_at < definition.feed.cache_s)
