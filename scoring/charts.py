"""Pictures of a version's quality, as the page's charts want them (static/js/chart.js). No database here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scoring.models import Predictor
from scoring.quality import Bin, Gain, Importance, Quality
from scoring.words import AMOUNTS

Chart = dict[str, Any]
SHOWN = 12


def _pct(share: float) -> float:
    return round(100 * share, 1)


def calibration(bins: Sequence[Bin], *, did: str) -> Chart | None:
    """What was said against what came; both in per cent."""
    if not bins:
        return None
    most = max(max(one.said, one.came) for one in bins)
    return {
        "title": "What was said, and what came",
        "type": "line",
        "numeric": True,
        "x": None,
        "xLabel": "Said: likely with … %",
        "yLabel": f"Share who {did}, %"[:60],
        "unit": "%",
        "series": [
            {"name": "Came", "data": [[_pct(one.said), _pct(one.came)] for one in bins]},
            {"name": "As said", "data": [[0, 0], [_pct(most), _pct(most)]]},
        ],
        "columns": ["Said on average", "Came", "People"],
        "rows": [[f"{_pct(one.said):g} %", f"{_pct(one.came):g} %", f"{one.people:,}"] for one in bins],
    }


def amounts(bins: Sequence[Bin], *, unit: str) -> Chart | None:
    if not bins:
        return None
    names = [f"{index}" for index in range(1, len(bins) + 1)]
    return {
        "title": "Predicted and spent, by groups of people",
        "type": "bar",
        "x": names,
        "xLabel": "People by what was predicted, from least to most",
        "yLabel": f"Per person, {unit}",
        "series": [
            {"name": "Predicted", "data": [round(one.said, 2) for one in bins]},
            {"name": "Spent", "data": [round(one.came, 2) for one in bins]},
        ],
    }


def gains(points: Sequence[Gain], *, did: str) -> Chart | None:
    if not points:
        return None
    return {
        "title": "How many one finds by asking the best first",
        "type": "line",
        "numeric": True,
        "area": False,
        "x": None,
        "xLabel": "Best … % of people by score",
        "yLabel": f"% of all who {did}"[:60],
        "unit": "%",
        "series": [
            {"name": "By score", "data": [[_pct(one.share), _pct(one.part)] for one in points]},
            {"name": "At random", "data": [[0, 0], [100, 100]]},
        ],
        "columns": ["Best people", "Of all who did it", "Times as many as at random"],
        "rows": [
            [f"{_pct(one.share):g} %", f"{_pct(one.part):g} %", f"{one.part / one.share:.1f}" if one.share else "–"]
            for one in points
        ],
    }


@dataclass(frozen=True)
class Weighty:
    """A feature that matters, beside the strongest."""

    says: str
    falls: float
    spread: float
    percent: int


def weighty(found: Sequence[Importance], *, words: Mapping[str, str]) -> list[Weighty]:
    """The strongest first; what does not help is left out."""
    shown = [one for one in found if one.falls > 0][:SHOWN]
    most = max((one.falls for one in shown), default=1.0)
    return [
        Weighty(said_column(one.column, words), one.falls, one.spread, round(100 * one.falls / most)) for one in shown
    ]


def said_column(name: str, words: Mapping[str, str]) -> str:
    return words.get(name, name.replace("_", " "))


def lifts(points: Sequence[Gain]) -> list[tuple[int, int, float]]:
    """(best per cent, per cent of all that happened, times as many as at random), for some shares."""
    by_share = {round(100 * one.share): one.part for one in points}
    return [(at, round(100 * by_share[at]), by_share[at] * 100 / at) for at in (10, 20, 50) if at in by_share]


def of_quality(quality: Quality, *, kind: str, did: str, currency: str) -> dict[str, Chart]:
    """Key → chart, of those there are numbers for."""
    is_amount = kind in AMOUNTS
    unit = currency if kind == Predictor.Kind.VALUE else "days"
    bins = quality.calibration
    found = {
        "calibration": amounts(bins, unit=unit) if is_amount else calibration(bins, did=did),
        "gains": gains(quality.gains, did=did),
    }
    return {key: chart for key, chart in found.items() if chart}
