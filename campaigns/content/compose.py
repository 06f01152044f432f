"""Mails for thousands of people in few queries: what holds for whom, what is known, items, feeds and offers; then each
is filled in.

Each distinct rule is asked once for a whole lot of people, all at one `now`. A mail that cannot be made is said so, and
the others are made.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from campaigns.content.compile import Compiled
from campaigns.content.needs import Needs
from campaigns.content.render import Rendered
from cdp.rules.tree import Cut

AT_ONCE = 1_000
"""People whose mails are made in one go: what a send holds in memory, and what it asks the database about."""
UNFORCED: Mapping[str, int] = {}


@dataclass(frozen=True, slots=True)
class Recipient:
    """`ref` names the delivery: in links, and for the codes that it is given."""

    profile_id: int
    ref: UUID
    address: str = ""
    record_id: int | None = None


@dataclass(frozen=True, slots=True)
class Made:
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


@dataclass(frozen=True)
class Press:
    """Content made ready, and what its mails are made with."""

    compiled: Compiled
    needs: Needs
    cuts: Mapping[str, Cut]
    """What the conditions compare with, the same for all mails of a turn."""
    about: About


@dataclass(frozen=True, slots=True)
class Ready:
    """All that one mail is filled in with."""

    recipient: Recipient
    context: dict[str, Any]
    holds: Sequence[bool]
    """By rule of `Compiled.rules`."""


def press_for(content: Any, *, about: About, now: datetime, modules: Mapping[int, Any] | None = None) -> Press:
    """`modules` are the contents of those it names, else as they are now. Raises ContentError."""
    raise NotImplementedError


def compose(
    press: Press,
    recipients: Sequence[Recipient],
    *,
    now: datetime,
    rehearsal: bool,
    forced: Mapping[str, int] = UNFORCED,
) -> Iterator[Made | Unmade]:
    """In the order of `recipients`. A rehearsal gives out no code and counts nothing; it shows examples instead.
    `forced` says which branch of a split is taken whatever holds."""
    for start in range(0, len(recipients), AT_ONCE):
        some = recipients[start : start + AT_ONCE]
        for one in prepare(press, some, now=now, rehearsal=rehearsal, forced=forced):
            yield one if isinstance(one, Unmade) else fill_in(press, one, forced=forced)


def prepare(
    press: Press,
    recipients: Sequence[Recipient],
    *,
    now: datetime,
    rehearsal: bool,
    forced: Mapping[str, int] = UNFORCED,
) -> list[Ready | Unmade]:
    """Everything but filling in, for at most some thousands."""
    raise NotImplementedError


def fill_in(press: Press, ready: Ready, *, forced: Mapping[str, int] = UNFORCED) -> Made | Unmade:
    raise NotImplementedError
