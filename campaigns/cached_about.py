"""What the cache holds for minutes: previews as people would get them, what feeds answered for them."""

from datetime import datetime
from typing import Any

from django.core.cache import cache
from redis.exceptions import RedisError

from cdp.common.belongings import Person, Place

KEPT = "bell:"
LOT = 500


def place() -> Place:
    return Place("cache", "Cached previews and answers of feeds", _count, _erase, is_queue=False)


def _count(person: Person) -> int:
    """They lie packed under keys that name nobody, and pass by themselves: not counted."""
    return 0


def _erase(person: Person, now: datetime) -> int:
    """All of it but the bells: it is made again when it is next asked for."""
    try:
        client: Any = cache._cache.get_client(None, write=True)  # type: ignore[attr-defined]
        bells = cache.make_key(KEPT).encode()
        keys = [key for key in client.scan_iter(f"{cache.make_key('')}*", count=LOT) if not key.startswith(bells)]
        for start in range(0, len(keys), LOT):
            client.delete(*keys[start : start + LOT])
    except RedisError:
        return 0
    return len(keys)
