"""What a check holds all the while: the mail made ready, and its texts one by one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.check.parts import Inside, Parts, parts_of
from campaigns.check.telling import Script, Token, scripts_of
from campaigns.content.blocks import Mail
from campaigns.content.press import Choice, Press
from campaigns.content.wanted import choices, reached

MOST_WAYS = 20_000
"""Kept; there are more only where many conditions cross."""


@dataclass(frozen=True)
class Way:
    """What those get for whom the same rules hold."""

    branches: Mapping[str, int]
    """The branch taken of each split that is reached."""
    later: tuple[tuple[str, int], ...]
    """Branches whose rule holds, too, though an earlier one takes the person."""
    scripts: tuple[Script, ...]

    @property
    def mail(self) -> str:
        return " ".join(f"{key}={number}" for key, number in self.branches.items())


@dataclass
class Trial:
    press: Press
    parts: Parts
    scripts: Sequence[Script]
    tokens: Sequence[Token]
    now: datetime
    _ways: dict[tuple[bool, ...], Way] = field(default_factory=dict)

    @property
    def zone(self) -> ZoneInfo:
        return self.press.about.zone

    @property
    def said(self) -> dict[str, Any]:
        """What contexts hold that is the same for all."""
        url = f"{self.press.about.base_url}/"
        campaign = {"name": self.press.about.campaign}
        return {"campaign": campaign, "sender": self.press.sender, "unsubscribe_url": url, "preferences_url": url}

    def way(self, choice: Choice) -> Way:
        found = self._ways.get(choice.holds)
        if found is None:
            if len(self._ways) >= MOST_WAYS:
                self._ways.clear()
            found = self._ways[choice.holds] = self._walk(choice.holds)
        return found

    def _walk(self, holds: tuple[bool, ...]) -> Way:
        splits = self.press.compiled.splits
        branches = reached(splits, choices(splits, holds=holds))
        later = tuple(
            (split.key, number)
            for split in splits
            if split.key in branches
            for number, rule in enumerate(split.rules)
            if holds[rule] and number > branches[split.key]
        )
        return Way(branches, later, tuple(one for one in self.scripts if is_on(one.spot.inside, branches)))


def is_on(inside: Inside, branches: Mapping[str, int]) -> bool:
    return all(branches.get(outer.split) == outer.number for outer in inside)


def trial_of(mail: Mail, *, press: Press, now: datetime) -> Trial:
    parts = parts_of(mail, press.compiled)
    scripts, tokens = scripts_of(parts.spots)
    return Trial(press, parts, scripts, tokens, now)
