"""How a predictor did over time, as the page and the API tell it: scores, bands, drift, what came true."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from scoring.models import Band, Predictor, ScoringRun, TrainedModel
from scoring.quality import Bin, Realised
from scoring.watching.alarm import words_of
from scoring.watching.psi import FIRES

Chart = dict[str, Any]
RUNS = 180
"""Half a year of nights."""
MOST_LINES = 4
TABLED = 14


@dataclass(frozen=True)
class RunLine:
    """One run as a row of the table."""

    run: ScoringRun
    version: int | None
    strongest: str
    """What drifted most, in words; empty where nothing was measured."""
    drift: float | None
    realised: Realised | None
    closes_at: datetime


@dataclass(frozen=True)
class Watched:
    lines: list[RunLine]
    """The latest first."""
    runs: int
    latest: Realised | None
    latest_at: datetime | None
    charts: dict[str, Chart]


def watched(predictor: Predictor) -> Watched:
    runs = list(
        ScoringRun.objects.filter(predictor=predictor).order_by("-at", "-id").defer("quantiles", "spread")[:RUNS]
    )
    versions = {one.pk: one for one in TrainedModel.objects.filter(predictor=predictor).defer("artefact", "reference")}
    words, span = words_of(predictor), timedelta(days=predictor.days)
    known = [(run, Realised(**run.realised)) for run in runs if run.realised]
    ascending = runs[::-1]
    charts = {
        "mean": _mean(ascending, predictor),
        "bands": _bands(ascending),
        "drift": _drift(ascending, words),
        "ranking": _ranking(ascending, versions),
        "calibration": _calibration(known[0][1]) if known and not _is_amount(predictor) else None,
    }
    return Watched(
        lines=[_line(run, versions, words, span) for run in runs[:TABLED]],
        runs=len(runs),
        latest=known[0][1] if known else None,
        latest_at=known[0][0].at if known else None,
        charts={name: chart for name, chart in charts.items() if chart},
    )


def _line(run: ScoringRun, versions: Mapping[int, TrainedModel], words: Mapping[str, str], span: timedelta) -> RunLine:
    strongest = max(run.drift, key=lambda name: run.drift[name], default="")
    version = versions.get(run.model_id)
    return RunLine(
        run=run,
        version=version.number if version else None,
        strongest=words.get(strongest, strongest),
        drift=run.drift.get(strongest),
        realised=Realised(**run.realised) if run.realised else None,
        closes_at=run.at + span,
    )


def _is_amount(predictor: Predictor) -> bool:
    return predictor.kind in (Predictor.Kind.VALUE, Predictor.Kind.NEXT_ORDER)


def _mean(runs: Sequence[ScoringRun], predictor: Predictor) -> Chart | None:
    """Said of everybody, and what came of those drawn."""
    if len(runs) < 2:
        return None
    times, unit = (1, "") if _is_amount(predictor) else (100, "%")
    said = [None if run.mean is None else round(times * run.mean, 2) for run in runs]
    came = [round(times * run.realised["came"], 2) if run.realised else None for run in runs]
    series = [{"name": "Said on average", "data": said}]
    if any(one is not None for one in came):
        series.append({"name": "Came true", "data": came})
    return _line_chart("What was said, and what came of it", runs, unit=unit, y=_axis(predictor), series=series)


def _axis(predictor: Predictor) -> str:
    if predictor.kind == Predictor.Kind.NEXT_ORDER:
        return "Days until the order"
    return "Money per person" if predictor.kind == Predictor.Kind.VALUE else "Mean score, %"


def _bands(runs: Sequence[ScoringRun]) -> Chart | None:
    known = [run for run in runs if sum(run.bands.values())]
    if len(known) < 2:
        return None
    series = [
        {
            "name": band.label,
            "data": [round(100 * run.bands.get(band, 0) / sum(run.bands.values()), 1) for run in known],
        }
        for band in Band
    ]
    return _line_chart("How people stand in the bands", known, unit="%", y="Share of people, %", series=series)


def _drift(runs: Sequence[ScoringRun], words: Mapping[str, str]) -> Chart | None:
    """Of the scores and the features that ever moved most."""
    known = [run for run in runs if run.drift]
    if len(known) < 2:
        return None
    most = {name: max(run.drift.get(name, 0.0) for run in known) for run in known for name in run.drift}
    features = sorted((name for name in most if name != "score"), key=lambda name: -most[name])
    shown = [*(["score"] if "score" in most else []), *features[: MOST_LINES - 1]]
    series = [{"name": words.get(name, name), "data": [run.drift.get(name) for run in known]} for name in shown] + [
        {"name": "Alarm", "data": [FIRES] * len(known)}
    ]
    return _line_chart(
        "How far people moved from when it learned", known, unit="", y="Beyond luck and season", series=series
    )


def _ranking(runs: Sequence[ScoringRun], versions: Mapping[int, TrainedModel]) -> Chart | None:
    known = [run for run in runs if run.realised and run.realised.get("auc") is not None]
    if len(known) < 2:
        return None
    measured = [versions[run.model_id].quality.get("auc") if run.model_id in versions else None for run in known]
    series = [
        {"name": "Came true", "data": [round(run.realised["auc"], 3) for run in known if run.realised]},
        {"name": "Measured in training", "data": [None if one is None else round(one, 3) for one in measured]},
        {"name": "Guessing", "data": [0.5] * len(known)},
    ]
    return _line_chart("How well it ranked people", known, unit="", y="AUC", series=series)


def _calibration(found: Realised) -> Chart | None:
    bins = [Bin(**one) if isinstance(one, dict) else one for one in found.calibration]
    if not bins:
        return None
    return {
        "title": "The latest looked up: said, and came true",
        "type": "bar",
        "x": [str(number) for number in range(1, len(bins) + 1)],
        "xLabel": "Tenths of the people, least to most likely",
        "yLabel": "Share of people, %",
        "unit": "%",
        "series": [
            {"name": "Said", "data": [round(100 * one.said, 1) for one in bins]},
            {"name": "Came true", "data": [round(100 * one.came, 1) for one in bins]},
        ],
    }


def _line_chart(
    title: str, runs: Sequence[ScoringRun], *, unit: str, y: str, series: Sequence[Mapping[str, Any]]
) -> Chart:
    return {
        "title": title,
        "type": "line",
        "x": [run.at.strftime("%Y-%m-%d") for run in runs],
        "xLabel": "Scored on (UTC)",
        "yLabel": y,
        "unit": unit,
        "series": list(series),
    }
