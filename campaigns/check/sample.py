"""Some people's mails made in full, as they would be sent: of every different mail one, and the longest of all."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from statistics import median
from uuid import UUID

from campaigns.check import links, result
from campaigns.check.feeds import unasked
from campaigns.check.links import Address
from campaigns.check.lots import notes_of
from campaigns.check.trial import Trial
from campaigns.content.compose import compose
from campaigns.content.hints import CLIPPED_AT, About, Hint, hints_of
from campaigns.content.hints import SIZE as SIZE_HINT
from campaigns.content.in_html import found_in
from campaigns.content.press import Recipient, Unmade
from campaigns.content.render import Rendered
from campaigns.models import Check

SIZE, TURN = 200, 20
MOST_ADDRESSES, MOST_OF_PEOPLE = 200, 40
"""Addresses asked; of those that are not the same for all."""


@dataclass(slots=True)
class Sampled:
    """What the mails made in full tell."""

    n: int = 0
    sizes: list[tuple[int, int]] = field(default_factory=list)
    """Bytes of HTML, and whose."""
    unmade: dict[str, list[int]] = field(default_factory=dict)
    hints: dict[tuple[str, str], tuple[Hint, list[int]]] = field(default_factory=dict)
    """By key and place: as it reads for the first, and for whom it is true."""
    addresses: dict[str, Address] = field(default_factory=dict)

    def told(self, *, mails: int) -> result.Sample:
        sizes = sorted(self.sizes, reverse=True)
        hints = sorted(self.hints.values(), key=lambda one: -len(one[1]))
        return result.Sample(
            n=self.n,
            mails=mails,
            largest=sizes[:5],
            median=median(n for n, _ in sizes) if sizes else 0,
            clipped=[who for n, who in sizes if n > CLIPPED_AT],
            unmade=[result.Named(why, "", "error", len(who), who) for why, who in self.unmade.items()],
            hints=[result.Named(hint.text, hint.place, hint.level, len(who), who) for hint, who in hints],
        )


@dataclass(frozen=True)
class Chosen:
    ids: list[int]
    mails: int
    """Different mails, as far as they were told apart."""


def chosen(check: Check, *, size: int = SIZE) -> Chosen:
    """Of each different mail one person, the commonest mails first; then more of each; and the longest of all."""
    n_of: Counter[str] = Counter()
    people: dict[str, list[int]] = {}
    longest: list[tuple[int, int]] = []
    for notes in notes_of(check):
        for mail, (n, ids) in notes["mails"].items():
            n_of[mail] += n
            people.setdefault(mail, []).extend(ids[: max(0, size - len(people.get(mail, ())))])
        longest = sorted([*longest, *map(tuple, notes["longest"])], reverse=True)[:10]
    found = dict.fromkeys(who for _, who in longest)
    ordered = [people[mail] for mail, _ in n_of.most_common()]
    for turn in range(size):
        for ids in ordered:
            if turn < len(ids) and len(found) < size:
                found.setdefault(ids[turn])
        if len(found) >= size or all(turn >= len(ids) for ids in ordered):
            break
    return Chosen(list(found), len(n_of))


def urls_of(check: Check) -> Iterator[tuple[str, str, int]]:
    """Place, address and whose, of every link and image with an address of its own field: a few of each."""
    seen: Counter[str] = Counter()
    known = set()
    for notes in notes_of(check):
        for place, urls in notes["urls"].items():
            for url, who in urls.items():
                if seen[place] < 5 and (place, url) not in known:
                    known.add((place, url))
                    seen[place] += 1
                    yield place, url, who


def make(trial: Trial, ids: Sequence[int], into: Sampled, *, asking: Collection[int]) -> None:
    """Some more of the sample. Feeds are asked for those of `asking` alone."""
    silent = replace(trial.press, ask_feeds=unasked)
    for press, those in (
        (trial.press, [one for one in ids if one in asking]),
        (silent, [one for one in ids if one not in asking]),
    ):
        recipients = [Recipient(one, UUID(int=one), "somebody@example.com") for one in those]
        for made in compose(press, recipients, now=trial.now, rehearsal=True):
            who = made.recipient.profile_id
            into.n += 1
            if isinstance(made, Unmade):
                into.unmade.setdefault(made.why, []).append(who)
            else:
                _note(made.rendered, who, trial, into)


def _note(rendered: Rendered, who: int, trial: Trial, into: Sampled) -> None:
    own = trial.press.about.base_url
    into.sizes.append((len(rendered.html.encode()), who))
    found = found_in(rendered.html)
    for url, kind in (
        *((one.url, links.Kind.LINK) for one in found.links),
        *((one.url, links.Kind.IMAGE) for one in found.pictures),
    ):
        if url.startswith(("https://", "http://")) and not (own and url.startswith(own)):
            place = _place(url, trial)
            into.addresses.setdefault(url, Address(url, kind, place, None if place else who))
    places = {url: address.place for url, address in into.addresses.items()}
    for hint in hints_of(rendered, about=About(own_url=own, places=places), found=found):
        if hint.key != SIZE_HINT:  # sizes are told of all together
            into.hints.setdefault((hint.key, hint.place), (hint, []))[1].append(who)


def _place(url: str, trial: Trial) -> str:
    """Where the content writes it as it is; empty where it comes out of Liquid or the catalogue."""
    return next((script.spot.place for script in trial.scripts if url in script.spot.source), "")


def to_ask(check: Check, sampled: Sampled) -> list[Address]:
    """Those that are the same for all first; of the others some."""
    found = dict(sampled.addresses)
    for place, url, who in urls_of(check):
        if url.startswith(("https://", "http://")):
            kind = links.Kind.IMAGE if place.partition(".src")[1] else links.Kind.LINK
            known = found.get(url)
            if known is None or not known.place:
                found[url] = Address(url, kind, place, who)
    same = [one for one in found.values() if one.profile_id is None]
    others = [one for one in found.values() if one.profile_id is not None]
    return [*same, *others[:MOST_OF_PEOPLE]][:MOST_ADDRESSES]


def told(tried: Sequence[links.Tried]) -> list[result.Link]:
    return [
        result.Link(
            url=one.address.url,
            kind=one.address.kind,
            place=one.address.place,
            verdict=one.verdict,
            words=one.words,
            status=one.status,
            n_bytes=one.n_bytes,
            profile_id=one.address.profile_id,
        )
        for one in tried
    ]
