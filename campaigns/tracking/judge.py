"""Which hits of one mail are a person's and which a machine's: a pure function of all hits of that delivery.

A hit is judged by what it says of itself (its agent, its headers), by when it came, and by what came with it. What
came with it counts by *party*: hits from one place (the keyed hash of an address and a day), or of one agent.

- Whoever follows the link that nobody sees follows every link: its hits close by are a machine's, also those before.
- Whoever follows MANY distinct links within MANY_S, or FEW within FEW_S, is a machine.
- Gateways that fetch each link from another place are a SWARM: many distinct links within MANY_S, each from another.

People are spared where machines look like them: who shares only the agent with a machine, or clicks amid a swarm, is
still a person if the same place opened the mail before. A hit that nothing speaks against is a person's.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby
from uuid import UUID

from campaigns.tracking.agents import PRIVACY, is_bot, is_privacy_proxy

OPEN, CLICK, TRAP = "open", "click", "trap"
MANY, MANY_S = 5, timedelta(seconds=3)
FEW, FEW_S = 3, timedelta(seconds=0.5)
AT_ONCE = timedelta(seconds=1)
"""Nobody looks at a mail so soon after it was handed over. Clicks are not held to that: a push message may be quick."""
SLACK = timedelta(seconds=2)
"""How late a provider may say when it had the mail."""
CLOSE = timedelta(seconds=10)
"""So near to a machine's hit, one that shares its place or its agent is its own."""
SAME = timedelta(minutes=1)
"""… and one that shares both."""


class Why(StrEnum):
    """What gave a machine away; as in the table of hits."""

    BOT = "bot"
    NO_AGENT = "no_agent"
    PREFETCH = "prefetch"
    HEAD = "head"
    PRIVACY = "privacy"
    TOO_SOON = "too_soon"
    BURST = "burst"
    TRAP = "trap"
    SWARM = "swarm"


CERTAIN = (Why.TRAP, Why.BURST)
"""What shares place or agent with these is of the same machine."""


@dataclass(frozen=True, slots=True)
class Look:
    """One hit. `link` tells links apart: target and block."""

    id: UUID
    kind: str
    at: datetime
    link: tuple[str, str] = ("", "")
    agent: str = ""
    place: str = ""
    signs: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Sent:
    """When the mail went out, as far as it is known: taken up, handed over, and in the mailbox as its provider says."""

    claimed_at: datetime | None = None
    handed_at: datetime | None = None
    delivered_at: datetime | None = None


Found = dict[UUID, Why]
Party = Callable[[Look], str]


def machines(looks: Iterable[Look], *, sent: Sent) -> Found:
    """The hits that are a machine's, and why. All others are a person's."""
    ordered = sorted(looks, key=lambda look: (look.at, look.id))
    found = {look.id: why for look in ordered if (why := by_itself(look, sent))}
    _bursts(ordered, found, lambda look: look.place, spared=frozenset())
    spared = _accompanied(ordered, found)
    _bursts(ordered, found, lambda look: look.agent, spared=spared)
    _follow(ordered, found, spared)
    _swarm(ordered, found, spared)
    return found


def by_itself(look: Look, sent: Sent) -> Why | None:
    """What it says of itself, and when it came."""
    if look.kind == TRAP:
        return Why.TRAP
    for sign, why in (("head", Why.HEAD), ("prefetch", Why.PREFETCH), ("no_agent", Why.NO_AGENT)):
        if sign in look.signs:
            return why
    if look.kind == OPEN and ("apple" in look.signs or is_privacy_proxy(look.agent)):
        return Why.PRIVACY
    if look.agent == PRIVACY or is_bot(look.agent):
        return Why.BOT
    return Why.TOO_SOON if _is_too_soon(look, sent) else None


def _is_too_soon(look: Look, sent: Sent) -> bool:
    """Gateways look through a mail before they let it in."""
    if any(moment and look.at < moment - SLACK for moment in (sent.claimed_at, sent.delivered_at)):
        return True
    handed_at = sent.handed_at
    return look.kind == OPEN and handed_at is not None and timedelta(0) <= look.at - handed_at < AT_ONCE


def _bursts(ordered: Sequence[Look], found: Found, party: Party, *, spared: frozenset[UUID]) -> None:
    """`found` gets the clicks of each party that followed too many links at a time, and its opens close by."""
    for name, members in _by(ordered, party):
        links = [one for one in members if one.kind != OPEN and one.id not in spared and one.id not in found]
        for start, end in _too_fast(links) if name else ():
            for one in members:
                if one.id not in spared and start - CLOSE <= one.at <= end + CLOSE:
                    found.setdefault(one.id, Why.BURST)


def _too_fast(links: Sequence[Look]) -> Iterator[tuple[datetime, datetime]]:
    """From when until when distinct links were followed faster than a person can."""
    for at, first in enumerate(links):
        for most, within in ((MANY, MANY_S), (FEW, FEW_S)):
            near = [one for one in links[at:] if one.at - first.at <= within]
            if len({one.link for one in near}) >= most:
                yield first.at, near[-1].at


def _follow(ordered: Sequence[Look], found: Found, spared: frozenset[UUID]) -> None:
    """What shares place or agent with one that fell into the trap, or was part of a burst, is of the same machine."""
    for known in [one for one in ordered if found.get(one.id) in CERTAIN]:
        for one in ordered:
            if one.id not in found and _is_of(one, known, is_spared=one.id in spared):
                found[one.id] = Why.TRAP if found[known.id] == Why.TRAP else Why.BURST


def _is_of(one: Look, known: Look, *, is_spared: bool) -> bool:
    apart = abs(one.at - known.at)
    same_place = bool(one.place) and one.place == known.place
    same_agent = bool(one.agent) and one.agent == known.agent
    if same_place and same_agent:
        return apart <= SAME
    return apart <= CLOSE and (same_place or (same_agent and not is_spared))


def _accompanied(ordered: Sequence[Look], found: Found) -> frozenset[UUID]:
    """Hits from a place and agent that looked at the mail first and fell into no trap: those of somebody who reads."""
    trapped = {(one.place, one.agent) for one in ordered if found.get(one.id) in CERTAIN}
    opened: dict[tuple[str, str], datetime] = {}
    for one in ordered:
        party = one.place, one.agent
        if one.kind == OPEN and one.place and party not in trapped:
            opened.setdefault(party, one.at)
    return frozenset(one.id for one in ordered if (first := opened.get((one.place, one.agent))) and one.at >= first)


def _swarm(ordered: Sequence[Look], found: Found, spared: frozenset[UUID]) -> None:
    links = [one for one in ordered if one.kind == CLICK and one.place and not {one.id} & (spared | found.keys())]
    places = [one.place for one in links]
    alone = [one for one in links if places.count(one.place) == 1]
    for start, end in _too_fast(alone):
        found.update({one.id: Why.SWARM for one in alone if start <= one.at <= end})


def _by(ordered: Sequence[Look], party: Party) -> Iterable[tuple[str, list[Look]]]:
    """In the order of time within each."""
    for name, members in groupby(sorted(ordered, key=party), key=party):
        yield name, list(members)
