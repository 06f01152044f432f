"""What the branches that people get show beside what is known of them: answers of feeds, items, offers.

Of each, only what is shown is asked for, for all people of a lot at once.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from campaigns.content.blocks import ItemSource
from campaigns.content.feeding import Wanted
from campaigns.content.lists import items_of
from campaigns.content.press import Press, Ready
from campaigns.offers.give import Asked, Given, give, rehearse

Answers = Mapping[tuple[UUID, str], Any]
"""By delivery and key of the feed."""


def add_feeds(ready: Sequence[Ready], press: Press, *, now: datetime) -> Answers:
    """A feed that failed without a fallback leaves nothing: its blocks show their words for that case."""
    asking = [(one, key) for one in ready for key in one.choice.feeds]
    if not asking:
        return {}
    found = press.ask_feeds([Wanted(key, one.context) for one, key in asking], now)
    answers = {(one.recipient.ref, key): answer.value for (one, key), answer in zip(asking, found, strict=True)}
    for one in ready:
        if one.choice.feeds:
            of = {key: answers[one.recipient.ref, key] for key in one.choice.feeds}
            one.context["feeds"] = of
            one.context["feed_of"] = {block: of[key] for block, key in one.choice.wanted.feeds.items()}
    return answers


def add_lists(ready: Sequence[Ready], press: Press, *, answers: Answers, now: datetime) -> None:
    """Each distinct source once, for those who get a block of it."""
    for source, (limit, blocks) in _sources(press).items():
        those = [(one, shown) for one in ready if (shown := blocks.intersection(one.choice.wanted.lists))]
        if those:
            said = {one.recipient.profile_id: answers.get((one.recipient.ref, source.feed)) for one, _ in those}
            found = items_of(source, list(said), limit=limit, now=now, currency=press.needs.currency, answers=said)
            for one, shown in those:
                lists = one.context.setdefault("lists", {})
                for block in shown:
                    lists[block] = found[one.recipient.profile_id]


def _sources(press: Press) -> dict[ItemSource, tuple[int, frozenset[str]]]:
    """Each with the most items any block shows of it, and those blocks."""
    found: dict[ItemSource, tuple[int, frozenset[str]]] = {}
    for use in press.compiled.lists:
        limit, blocks = found.get(use.source, (0, frozenset()))
        found[use.source] = max(limit, use.limit), blocks | {use.block}
    return found


def add_offers(ready: Sequence[Ready], press: Press, *, rehearsed: Counter[str] | None, now: datetime) -> None:
    """Given to those whose branches show them, and to nobody else."""
    asked = list(_asked(ready))
    if not asked:
        return
    zone = press.about.zone
    if rehearsed is None:
        answers = give(asked, now=now, zone=zone)
    else:
        answers = rehearse(asked, now=now, zone=zone, taken=rehearsed)
    for one in ready:
        if one.choice.offers:
            given = {key: answers[one.recipient.ref, key] for key in one.choice.offers}
            of = {key: said.as_context() if isinstance(said, Given) else None for key, said in given.items()}
            one.context["offers"] = of
            one.context["offer_of"] = {block: of[key] for block, key in one.choice.wanted.offers.items()}


def _asked(ready: Sequence[Ready]) -> Iterator[Asked]:
    for one in ready:
        to = one.recipient
        for key in one.choice.offers:
            yield Asked(to.ref, to.profile_id, to.record_id, key)
