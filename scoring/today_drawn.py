"""The picture of today's scores: bars, the bands' colours, and where the threshold begins. Plain numbers for an SVG."""

from collections.abc import Sequence
from dataclasses import dataclass

from scoring.models import Predictor
from scoring.quality import Quality
from scoring.today import Step, Today

WIDTH, HEIGHT = 600.0, 150.0
LEAST_SHOWN = 1.5
"""A bar of somebody is never too flat to be seen."""


@dataclass(frozen=True)
class DrawnBar:
    x: float
    y: float
    width: float
    height: float
    low: float
    high: float
    people: int


@dataclass(frozen=True)
class Drawn:
    bars: Sequence[DrawnBar]
    low: float
    high: float
    first: Step | None
    """Where the slider stands at first."""
    at: int
    """Its place among the steps."""
    x: float
    ticks: Sequence[tuple[float, float]]
    """(x, value)."""
    most: int


def drawn(predictor: Predictor, now: Today, quality: Quality | None) -> Drawn:
    if not now.bars:
        return Drawn((), 0, 1, None, 0, 0, (), 0)
    low, high = now.bars[0].low, now.bars[-1].high
    most = max(bar.people for bar in now.bars)
    width = WIDTH / len(now.bars)
    bars = []
    for index, bar in enumerate(now.bars):
        height = max(HEIGHT * bar.people / most, LEAST_SHOWN) if bar.people else 0.0
        place = (round(index * width + 1, 2), round(HEIGHT - height, 2), round(width - 2, 2), round(height, 2))
        bars.append(DrawnBar(*place, bar.low, bar.high, bar.people))
    at = _begins_at(predictor, now, quality)
    step = now.steps[at]
    ticks = [(round(WIDTH * share, 1), low + share * (high - low)) for share in (0, 0.25, 0.5, 0.75, 1)]
    return Drawn(bars, low, high, step, at, round(WIDTH * (step.threshold - low) / ((high - low) or 1), 1), ticks, most)


def _begins_at(predictor: Predictor, now: Today, quality: Quality | None) -> int:
    """At the threshold that was best when it was measured; else where the high band begins."""
    if quality and quality.threshold is not None and quality.threshold <= now.steps[-1].threshold:
        return next(index for index, step in enumerate(now.steps) if step.threshold >= quality.threshold)
    wanted = now.people * (100 - predictor.high_from) / 100
    return min(range(len(now.steps)), key=lambda index: abs(now.steps[index].people - wanted))
