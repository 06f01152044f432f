"""What a check holds all the while: the mail made ready, its texts one by one, and what they need of each person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.check.parts import Inside, Parts, parts_of
from campaigns.check.telling import Script, Token, scripts_of
from campaigns.content.blocks import Mail
from campaigns.content.compile import Compiled, compile_mail
from campaigns.content.compose import About
from campaigns.content.needs import Needs, needs_of
from campaigns.content.vocabulary import Vocabulary
from campaigns.content.wanted import Wanted, choices, reached, wanted
from cdp.rules.kept_cuts import cuts_for
from cdp.rules.tree import Cut

Holds = tuple[bool, ...]
"""By rule of the mail."""


@dataclass(frozen=True)
class Way:
    """What those get for whom the same rules hold."""

    branches: Mapping[str, int]
    """The branch taken of each split that is reached."""
    matching: tuple[tuple[str, int], ...]
    """Later branches whose rule holds, too, though an earlier one takes the person."""
    scripts: tuple[Script, ...]
    wanted: Wanted

    @property
    def mail(self) -> str:
        return " ".join(f"{key}={number}" for key, number in self.branches.items())


@dataclass
class Trial:
    compiled: Compiled
    parts: Parts
    scripts: Sequence[Script]
    tokens: Sequence[Token]
    needs: Needs
    cuts: Mapping[str, Cut]
    about: About
    now: datetime
    _ways: dict[Holds, Way] = field(default_factory=dict)

    @property
    def zone(self) -> ZoneInfo:
        return self.about.zone

    @property
    def said(self) -> dict[str, Any]:
        """What contexts hold that is the same for all."""
        url = f"{self.about.base_url}/"
        return {"campaign": {"name": self.about.campaign}, "unsubscribe_url": url, "preferences_url": url}

    def way(self, holds: Holds) -> Way:
        found = self._ways.get(holds)
        if found is None:
            found = self._ways[holds] = self._walk(holds)
        return found

    def _walk(self, holds: Holds) -> Way:
        splits = self.compiled.splits
        branches = reached(splits, choices(splits, holds=holds))
        later = [
            (split.key, number)
            for split in splits
            if split.key in branches
            for number, rule in enumerate(split.rules)
            if holds[rule] and number > branches[split.key]
        ]
        on = tuple(one for one in self.scripts if is_on(one.spot.inside, branches))
        return Way(branches, tuple(later), on, wanted(self.compiled, holds=holds))


def is_on(inside: Inside, branches: Mapping[str, int]) -> bool:
    return all(branches.get(outer.split) == outer.number for outer in inside)


def trial_of(mail: Mail, *, vocabulary: Vocabulary, about: About, now: datetime) -> Trial:
    """Raises ContentError where the mail cannot be made ready."""
    compiled = compile_mail(mail)
    parts = parts_of(mail, compiled)
    scripts, tokens = scripts_of(parts.spots)
    return Trial(
        compiled=compiled,
        parts=parts,
        scripts=scripts,
        tokens=tokens,
        needs=needs_of(compiled, vocabulary),
        cuts={key: cut for rule in compiled.rules for key, cut in cuts_for(rule, now=now, zone=about.zone).items()},
        about=about,
        now=now,
    )
