"""Differences to the first as lines with their intervals: where each stands on a drawing."""

import math
from dataclasses import dataclass

from campaigns.experiments.readout import Readout

EDGE = 5
STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True)
class Bar:
    name: str
    verdict: str
    low: str
    at: str
    high: str
    """Along the drawing, as SVG writes shares of it."""
    words: str


@dataclass(frozen=True)
class Chart:
    bars: tuple[Bar, ...]
    zero: str
    ticks: tuple[tuple[str, str], ...]
    """Where and what: percentage points."""


def chart_of(found: Readout) -> Chart | None:
    """None while there is nothing to compare."""
    lines = [(line, line.against) for line in found.lines if line.against is not None]
    if not lines:
        return None
    reach = max(max(abs(effect.low), abs(effect.high)) for _, effect in lines) * 1.05 or 0.01

    def at(value: float) -> str:
        return f"{50 + value / reach * (50 - EDGE):.2f}%"

    bars = [
        Bar(
            line.group.name,
            line.verdict,
            at(effect.low),
            at(effect.value),
            at(effect.high),
            f"{points(effect.value)}, between {points(effect.low)} and {points(effect.high)} percentage points",
        )
        for line, effect in lines
    ]
    step = _step(reach)
    marks = [step * index for index in range(-int(reach / step), int(reach / step) + 1)]
    return Chart(tuple(bars), at(0.0), tuple((at(one), _tick(one)) for one in marks))


def points(value: float) -> str:
    """A difference of shares in percentage points, with its sign."""
    text = f"{100 * value:+.2f}".replace("-", "\N{MINUS SIGN}")
    return "0" if float(f"{100 * value:.2f}") == 0 else text


def _tick(value: float) -> str:
    return f"{100 * value:+.4g}".replace("-", "\N{MINUS SIGN}") if value else "0"


def _step(reach: float) -> float:
    """At most three to each side."""
    rough = reach / 2
    power = 10.0 ** math.floor(math.log10(rough))
    return next(step * power for step in STEPS if step * power >= rough)
