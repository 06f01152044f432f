"""Content made ready for many people, and what is known of each of them when their mails are made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from campaigns.content import feeding
from campaigns.content.compile import Compiled, compile_mail
from campaigns.content.modules import modules_for
from campaigns.content.needs import Needs, needs_of
from campaigns.content.read import read
from campaigns.content.render import Rendered
from campaigns.content.vocabulary import Vocabulary
from campaigns.content.wanted import Branching, Wanted, branching, wanted
from campaigns.links import Addresses
from campaigns.policy import said_of_us
from campaigns.utm import Utm
from cdp.rules.kept_cuts import cuts_for
from cdp.rules.tree import Cut


@dataclass(frozen=True, slots=True)
class Recipient:
    """`ref` names the delivery: in links, and for the codes that it is given."""

    profile_id: int
    ref: UUID
    address: str = ""
    record_id: int | None = None
    context: Mapping[str, Any] = field(default_factory=dict)
    """Of a triggered mail, what triggered it: `event` holds the event's properties."""


class Made(NamedTuple):
    recipient: Recipient
    rendered: Rendered


@dataclass(frozen=True, slots=True)
class Unmade:
    recipient: Recipient
    why: str


@dataclass(frozen=True)
class About:
    """What all mails of one making have in common."""

    base_url: str
    zone: ZoneInfo
    campaign: str = ""
    """Its name; empty for a template or a module that is looked at."""
    is_tracked: bool = True
    """Links lead over us, so that a click is counted; else straight to their targets."""
    utm: Utm = ()
    """Added to every link that leads to the web."""


@dataclass(frozen=True)
class Press:
    compiled: Compiled
    needs: Needs
    cuts: Mapping[str, Cut]
    """What the conditions compare with, the same for all mails of a turn."""
    about: About
    addresses: Addresses
    ask_feeds: feeding.AskFeeds
    sender: Mapping[str, str] = field(default_factory=dict)
    """Who we say we are: company and address, each in one line."""

    def choice(self, holds: tuple[bool, ...], *, forced: Mapping[str, int]) -> "Choice":
        needed = wanted(self.compiled, holds=holds, forced=forced)
        listed = {use.source.feed for use in self.compiled.lists if use.block in needed.lists} - {""}
        return Choice(
            holds=holds,
            branching=branching(self.compiled.splits, holds=holds, forced=forced),
            wanted=needed,
            feeds=tuple(sorted({*needed.feeds.values(), *needed.named_feeds, *listed})),
            offers=tuple(sorted({*needed.offers.values(), *needed.named_offers})),
        )


@dataclass(frozen=True)
class Choice:
    """What all people have in common for whom the same rules hold: they get the same branches."""

    holds: tuple[bool, ...]
    """By rule of `Compiled.rules`."""
    branching: Branching
    wanted: Wanted
    feeds: tuple[str, ...]
    offers: tuple[str, ...]
    """Keys of all feeds and offers that those branches show."""


class Ready(NamedTuple):
    """All that one mail is filled in with."""

    recipient: Recipient
    context: dict[str, Any]
    choice: Choice


def press_for(
    content: Any,
    *,
    about: About,
    now: datetime,
    modules: Mapping[int, Any] | None = None,
    is_module: bool = False,
) -> Press:
    """`modules` are the contents of those it names, else as they are now. Raises ContentError."""
    named = modules_for(content) if modules is None else modules
    compiled = compile_mail(read(content, modules=named, is_module=is_module))
    return made_ready(compiled, about=about, vocabulary=Vocabulary.now(), now=now)


def made_ready(compiled: Compiled, *, about: About, vocabulary: Vocabulary, now: datetime) -> Press:
    """Also of content that holds mistakes, as far as it could be compiled."""
    cuts = {key: cut for rule in compiled.rules for key, cut in cuts_for(rule, now=now, zone=about.zone).items()}
    needs = needs_of(compiled, vocabulary, more=feeding.declared().tokens(_feeds_of(compiled)))
    addresses = Addresses(about.base_url, utm=about.utm)
    return Press(compiled, needs, cuts, about, addresses, feeding.declared().ask, said_of_us())


def _feeds_of(compiled: Compiled) -> set[str]:
    """Keys of all that it may name."""
    keys = {use.key for use in compiled.feeds} | {use.source.feed for use in compiled.lists}
    keys |= {token.path[1] for token in compiled.tokens if token.path[0] == "feeds" and len(token.path) > 1}
    return keys - {""}
