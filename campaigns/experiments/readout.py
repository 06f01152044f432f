"""Groups compared, in numbers and in words that a marketer uses. docs/experiments.md says how each number is found."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from campaigns.experiments.counts import Group
from campaigns.experiments.statistics import chances
from campaigns.experiments.statistics.chances import Chance
from campaigns.experiments.statistics.compare import ALPHA, MISMATCH, Effect, difference, holm, lift, mismatch
from campaigns.experiments.statistics.samples import Sample, adjusted, of_share, share_interval
from campaigns.experiments.statistics.sequential import always_valid
from campaigns.models import Campaign

CLICKS, ORDERS = Campaign.Decision.CLICKS, Campaign.Decision.CONVERSIONS
DOES = {CLICKS: "clicked", ORDERS: "ordered"}


@dataclass(frozen=True)
class Share:
    """How many of a group did something."""

    did: int
    people: int
    value: float
    low: float
    high: float
    """Of Wilson's interval: for this group alone."""


@dataclass(frozen=True)
class Line:
    group: Group
    clicks: Share
    orders: Share
    revenue: Sample
    """Per person, freed from what was spent before."""
    raw_revenue: float
    chance: Chance | None
    """Of being the best in what is decided on."""
    lift: float | None
    """Over the first, of what is decided on; None for the first, and while the first has none."""
    against: Effect | None
    """Difference to the first, always valid."""
    money: Effect | None
    """Difference to the first in revenue per person, for one look; p corrected for several."""
    money_lift: Effect | None

    @property
    def is_first(self) -> bool:
        return self.group.number == 1

    @property
    def verdict(self) -> str:
        """better, worse or open."""
        if self.against is None or self.against.low <= 0 <= self.against.high:
            return "open"
        return "better" if self.against.low > 0 else "worse"


@dataclass(frozen=True)
class Readout:
    decides_on: str
    lines: tuple[Line, ...]
    mismatch: float | None
    """p of the group sizes; None where no parts were set."""

    @property
    def is_off(self) -> bool:
        return self.mismatch is not None and self.mismatch < MISMATCH

    @property
    def does(self) -> str:
        return DOES[Campaign.Decision(self.decides_on)]

    @property
    def wanted(self) -> list[tuple[Group, int]]:
        """How many each group should have."""
        whole = sum(one.group.weight for one in self.lines) or 1
        drawn = sum(one.group.drawn for one in self.lines)
        return [(one.group, round(drawn * one.group.weight / whole)) for one in self.lines]

    @property
    def verdict(self) -> list[str]:
        """Sentences."""
        first, *others = self.lines
        if not sum(one.group.did(self.decides_on) for one in self.lines):
            return [f"Nobody {self.does} yet. It is safe to look every day."]
        said = [
            f"“{one.group.name}” is {one.verdict} than “{first.group.name}”:"
            f" {percent(self.share(one).value)} {self.does} instead of {percent(self.share(first).value)}."
            for one in others
            if one.verdict != "open"
        ]
        if not said:
            return ["Not decided yet. It is safe to look every day."]
        left = sum(one.verdict == "open" for one in others)
        rest = ["Of the others nothing can be said yet."] if left else []
        return [*said, *rest, "This holds however often you looked."]

    def share(self, line: Line) -> Share:
        return line.clicks if self.decides_on == CLICKS else line.orders


def readout(groups: Sequence[Group], *, decides_on: str, seed: int) -> Readout:
    """The first of `groups` is the one the others are compared with. The same seed, the same chances."""
    alpha = ALPHA / max(len(groups) - 1, 1)
    did = [of_share(one.people, one.did(decides_on)) for one in groups]
    revenue = adjusted([one.money for one in groups])
    rng = np.random.default_rng(seed)
    best = chances.of_shares([(one.people, one.did(decides_on)) for one in groups], rng=rng)
    is_known = any(one.did(decides_on) for one in groups)
    money = _corrected([difference(revenue[0], one) for one in revenue[1:]])
    lines = []
    for index, one in enumerate(groups):
        found = lift(did[0], did[index]) if index else None
        lines.append(
            Line(
                group=one,
                clicks=_share(one.people, one.clicks),
                orders=_share(one.people, one.orders),
                revenue=revenue[index],
                raw_revenue=one.money.y / one.people if one.people else 0.0,
                chance=best[index] if is_known else None,
                lift=found.value if found else None,
                against=_against(did[0], did[index], alpha) if index else None,
                money=money[index - 1] if index else None,
                money_lift=lift(revenue[0], revenue[index]) if index else None,
            )
        )
    parts = [one.weight for one in groups]
    off = mismatch([one.drawn for one in groups], parts) if all(parts) else None
    return Readout(decides_on, tuple(lines), off)


def percent(share: float) -> str:
    """As many digits as say something: 12.3 %, 1.23 %."""
    return f"{100 * share:.{1 if share >= 0.1 else 2}f} %"


def _against(first: Sample, other: Sample, alpha: float) -> Effect | None:
    return always_valid(first, other, alpha=alpha) if first.n and other.n else None


def _share(n: int, did: int) -> Share:
    low, high = share_interval(n, did) if n else (0.0, 1.0)
    return Share(did, n, did / n if n else 0.0, low, high)


def _corrected(effects: Sequence[Effect | None]) -> list[Effect | None]:
    """With Holm's p; the intervals stay those of one comparison."""
    there = [one for one in effects if one is not None]
    ps = iter(holm([one.p for one in there]))
    return [Effect(one.value, one.error, one.low, one.high, next(ps)) if one else None for one in effects]
