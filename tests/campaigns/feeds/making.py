"""A feed whose endpoint is a server of the test's own."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.locmem import LocMemCache

from campaigns.feeds.definition import sealed
from campaigns.feeds.fetch import Answer, Wanted, fetch
from campaigns.models import Feed
from cdp.common.outbound import Client
from tests.cdp.common.outbound.answering import Answering, Answers, world
from tests.factories import NOW, numbers

URL = "http://good.test/weather?city={{ profile.city }}"


def a_feed(url: str = URL, *, headers: Mapping[str, str] | None = None, **fields: Any) -> Feed:
    key = fields.pop("key", f"feed-{next(numbers)}")
    return Feed.objects.create(
        key=key,
        name=fields.pop("name", key),
        url=url,
        headers=sealed(headers or {}, secrets=settings.ENCRYPTION_KEYS),
        created_at=NOW,
        changed_at=fields.pop("changed_at", NOW),
        **fields,
    )


def a_cache() -> BaseCache:
    return LocMemCache(uuid4().hex, {})


def living_in(*cities: Any) -> list[dict[str, Any]]:
    return [{"profile": {"city": city}} for city in cities]


class Asking:
    """A client, the server it reaches as good.test, and a cache, over several batches."""

    def __init__(self, client: Client, server: Answering, cache: BaseCache) -> None:
        self.client = client
        self.server = server
        self.cache = cache

    def __call__(
        self, feed: Feed | str, contexts: Sequence[Mapping[str, Any]], *, now: datetime = NOW, within_s: float = 20
    ) -> list[Answer]:
        key = feed if isinstance(feed, str) else feed.key
        wanted = [Wanted(key, context) for context in contexts]
        return fetch(wanted, client=self.client, cache=self.cache, now=now, within_s=within_s)

    @property
    def paths(self) -> list[str]:
        return sorted(request.split()[1] for request in self.server.requests)


@contextmanager
def asking(answers: Answers, *, cache: BaseCache | None = None) -> Iterator[Asking]:
    with world(answers) as (client, server, _):
        yield Asking(client, server, cache or a_cache())
