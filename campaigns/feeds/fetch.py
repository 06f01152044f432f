"""What feeds answer for the recipients of a batch: one request per distinct address, and a failure stops nothing."""

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain, zip_longest

from django.conf import settings
from django.core.cache.backends.base import BaseCache
from django.db.models import F, Q

from campaigns.content.feeding import Answer, Wanted
from campaigns.feeds import answers
from campaigns.feeds.address import BadAddress
from campaigns.feeds.ask import Asked, ask
from campaigns.feeds.breaker import Breaker
from campaigns.feeds.definition import Definition, FeedUnusable, load
from campaigns.models import Feed
from cdp.common.outbound import Client

__all__ = ["Answer", "Wanted", "fetch"]

AT_ONCE = 16
WITHIN_S = 60.0
"""For all requests of a batch; what was not asked by then counts as failed."""
NOTED_S = 10
"""A feed's row says no more often than this when it last answered: many workers would wait for each other."""
RESTS = "It failed several times in a row and is left alone for a while."
LATE = "The time for this batch was over before it could be asked."


@dataclass(frozen=True)
class Place:
    """Which address of which feed, or why there is none."""

    key: str
    url: str = ""
    why: str = ""


@dataclass
class Turn:
    """One feed's part of a batch."""

    definition: Definition
    breaker: Breaker
    urls: list[str]
    """Each distinct address once."""
    kept: Mapping[str, answers.Kept]
    asked: dict[str, Asked] = field(default_factory=dict)

    @property
    def to_ask(self) -> list[str]:
        return [url for url in self.urls if url not in self.kept or not self.kept[url].is_fresh]


def fetch(
    wanted: Sequence[Wanted], *, client: Client, cache: BaseCache, now: datetime, within_s: float = WITHIN_S
) -> list[Answer]:
    """An answer for each, in their order. Never raises for what an endpoint does. Not inside a transaction.

    Answers are shared between those who ask alike: they are read only.
    """
    known = load({one.feed for one in wanted}, secrets=settings.ENCRYPTION_KEYS)
    places = _places(wanted, known)
    turns = _turns(places, known, cache=cache, now=now)
    _ask_all(list(turns.values()), client=client, until=time.monotonic() + within_s)
    for turn in turns.values():
        turn.breaker.remember()
        good = {url: one.body for url, one in turn.asked.items() if not one.why}
        answers.keep(cache, turn.definition, good, now=now)
        note(turn.definition.feed, list(turn.asked.values()), now=now)
    settled = {(key, url): _answer(turn, url) for key, turn in turns.items() for url in turn.urls}
    return [_without(place, known.get(place.key)) if place.why else settled[place.key, place.url] for place in places]


def _places(wanted: Sequence[Wanted], known: Mapping[str, Definition | FeedUnusable]) -> list[Place]:
    """Addresses that are the same for everybody are made once."""
    same = {
        key: _place(Wanted(key, {}), found)
        for key, found in known.items()
        if isinstance(found, FeedUnusable) or not found.address.is_personal
    }
    return [same.get(one.feed) or _place(one, known.get(one.feed)) for one in wanted]


def _place(one: Wanted, definition: Definition | FeedUnusable | None) -> Place:
    if definition is None:
        return Place(one.feed, why="There is no such feed.")
    if isinstance(definition, FeedUnusable):
        return Place(one.feed, why=str(definition))
    try:
        return Place(one.feed, url=definition.address.url_for(one.context))
    except BadAddress as error:
        return Place(one.feed, why=str(error))


def _turns(
    places: Sequence[Place], known: Mapping[str, Definition | FeedUnusable], *, cache: BaseCache, now: datetime
) -> dict[str, Turn]:
    """By key of the feed."""
    urls: dict[str, dict[str, None]] = {}
    for place in places:
        if not place.why:
            urls.setdefault(place.key, {})[place.url] = None
    turns = {}
    for key, definition in known.items():
        if isinstance(definition, Definition) and key in urls:
            distinct = list(urls[key])
            kept = answers.kept(cache, definition, distinct, now=now)
            turns[key] = Turn(definition, Breaker(definition, cache=cache, now=now), distinct, kept)
    return turns


def _ask_all(turns: Sequence[Turn], *, client: Client, until: float) -> None:
    """Feeds take turns, so that a slow one does not hold all the others up."""
    queues = [[(turn, url) for url in turn.to_ask] for turn in turns]
    requests = [one for one in chain.from_iterable(zip_longest(*queues)) if one is not None]
    doubted = {id(turn): (turn, url) for turn, url in reversed(requests) if turn.breaker.is_doubted}

    def run(one: tuple[Turn, str]) -> None:
        turn, url = one
        if url not in turn.asked:
            turn.asked[url] = _ask(turn, url, client=client, until=until)

    for first in (list(doubted.values()), requests):
        if first:
            with ThreadPoolExecutor(min(AT_ONCE, len(first)), thread_name_prefix="feed") as pool:
                list(pool.map(run, first))


def _ask(turn: Turn, url: str, *, client: Client, until: float) -> Asked:
    if turn.breaker.is_resting:
        return Asked(why=RESTS, was_sent=False)
    left = until - time.monotonic()
    if left <= 0:
        return Asked(why=LATE, was_sent=False)
    asked = ask(turn.definition, url, client=client, within_s=left)
    turn.breaker.note(is_down=asked.is_down)
    return asked


def _answer(turn: Turn, url: str) -> Answer:
    kept, asked = turn.kept.get(url), turn.asked.get(url)
    if asked is None and kept is not None:
        return Answer(kept.value, source="cache")
    if asked is not None and not asked.why:
        return Answer(asked.value)
    why = asked.why if asked else LATE
    if kept is not None:
        return Answer(kept.value, why, source="stale")
    return _fallen_back(turn.definition.feed, why)


def _without(place: Place, definition: Definition | FeedUnusable | None) -> Answer:
    """For an address that could not be made, or a feed that cannot be asked."""
    feed = definition.feed if definition is not None else None
    return _fallen_back(feed, place.why) if feed is not None else Answer(None, place.why, source="none")


def _fallen_back(feed: Feed, why: str) -> Answer:
    if feed.fallback is None:
        return Answer(None, why, source="none")
    return Answer(feed.fallback, why, source="fallback")


def note(feed: Feed, asked: Sequence[Asked], *, now: datetime) -> None:
    """Counters of the feed's row. One statement each, and only where something was sent."""
    sent = [one for one in asked if one.was_sent]
    failed = [one for one in sent if one.why]
    before, row = now - timedelta(seconds=NOTED_S), Feed.objects.filter(pk=feed.pk)
    why = failed[-1].why[:300] if failed else ""
    if failed and len(failed) < len(sent):
        row.update(last_ok_at=now, last_failed_at=now, last_error=why)
    elif failed:
        stale = Q(last_failed_at=None) | Q(last_failed_at__lt=before) | Q(last_ok_at__gte=F("last_failed_at"))
        row.filter(stale | ~Q(last_error=why)).update(last_failed_at=now, last_error=why)
    elif sent:
        stale = Q(last_ok_at=None) | Q(last_ok_at__lt=before) | Q(last_failed_at__gte=F("last_ok_at"))
        row.filter(stale).update(last_ok_at=now)
