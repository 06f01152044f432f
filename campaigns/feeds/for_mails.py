"""How mails ask feeds; declared in campaigns/apps.py."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from django.core.cache import cache

from campaigns.content.feeding import Answer, Wanted
from campaigns.content.tokens import Token
from campaigns.feeds.address import BadAddress, read_address
from campaigns.feeds.fetch import fetch
from campaigns.models import Feed
from cdp.common.outbound import open_client


def ask(asked: Sequence[Wanted], now: datetime) -> Sequence[Answer]:
    with open_client() as client:
        return fetch(asked, client=client, cache=cache, now=now)


def tokens_in_addresses(keys: Collection[str]) -> Iterator[Token]:
    for url in Feed.objects.filter(key__in=keys).values_list("url", flat=True):
        try:
            yield from read_address(url).tokens
        except BadAddress:
            continue  # such a feed answers nobody, and says why
