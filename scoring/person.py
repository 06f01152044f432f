"""What is expected of one person: each score in words, with how it came to be so."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from scoring.coding import LacksColumn
from scoring.listed import spark
from scoring.models import Predictor, Score, ScoreChange, SendHour, TrainedModel
from scoring.packed import NotAnArtefact
from scoring.reasons import EXPLAINED, Reasons, reasons_of
from scoring.words import KINDS, KindWords, score_says

UNREADABLE = (NotAnArtefact, LacksColumn, TrainedModel.DoesNotExist)
"""Versions that were damaged, or are gone."""

CHANGES = 400
"""Of all predictors together, the latest."""
OWN, SHARED = 0.6, 0.25


@dataclass(frozen=True)
class Said:
    predictor: Predictor
    score: Score
    kind: KindWords
    words: str
    is_simple: bool
    since: datetime | None
    """When they came into the band."""
    spark: str
    reasons: Reasons | None = None
    """Once they were asked for; of amounts, dates and cold scores there are none."""

    @property
    def is_explained(self) -> bool:
        return self.predictor.kind in EXPLAINED and not self.score.is_cold


def with_reasons(said: Sequence[Said], profile_id: int) -> list[Said]:
    """All from one reading of the person; where a version cannot be read, each by itself."""
    predictors = {one.predictor.pk: one.predictor for one in said if one.is_explained}
    try:
        found = reasons_of(profile_id, predictors=predictors)
    except UNREADABLE:
        found = {}
        for pk, predictor in predictors.items():
            with suppress(*UNREADABLE):
                found |= reasons_of(profile_id, predictors={pk: predictor})
    return [replace(one, reasons=found.get(one.predictor.pk)) for one in said]


def of_person(profile_id: int, *, currency: str) -> list[Said]:
    """Of predictors that are kept, the most certain first."""
    scores = list(Score.objects.filter(profile_id=profile_id))
    predictors = Predictor.objects.filter(archived_at=None).in_bulk([one.predictor_id for one in scores])
    simple = set(
        TrainedModel.objects.filter(pk__in={one.model_id for one in scores}, is_simple=True).values_list(
            "pk", flat=True
        )
    )
    history = history_of(profile_id)
    said = [
        _said(predictors[one.predictor_id], one, history.get(one.predictor_id, []), simple, currency)
        for one in scores
        if one.predictor_id in predictors
    ]
    return sorted(said, key=lambda one: (-one.score.percentile, one.predictor.name))


def _said(predictor: Predictor, score: Score, history: Sequence[ScoreChange], simple: set[int], currency: str) -> Said:
    return Said(
        predictor=predictor,
        score=score,
        kind=KINDS[predictor.kind],
        words=score_says(predictor, score, currency=currency),
        is_simple=score.model_id in simple,
        since=_since(score.band, history),
        spark=spark([*(one.value for one in history), score.value] if history else []),
    )


def history_of(profile_id: int) -> dict[int, list[ScoreChange]]:
    """Predictor → changes, the oldest first."""
    found: dict[int, list[ScoreChange]] = {}
    for one in reversed(ScoreChange.objects.filter(profile_id=profile_id).order_by("-id")[:CHANGES]):
        found.setdefault(one.predictor_id, []).append(one)
    return found


def _since(band: str, history: Sequence[ScoreChange]) -> datetime | None:
    """When the unbroken stay in the band began, as far as it is known."""
    began = None
    for one in reversed(history):
        if one.band != band:
            break
        began = one.at
    return began


@dataclass(frozen=True)
class Line:
    """A score over time, drawn: steps in LINE_WIDTH × LINE_HEIGHT, the ends of both axes."""

    points: str
    least: float
    most: float
    since: datetime
    until: datetime


LINE_WIDTH, LINE_HEIGHT = 600.0, 120.0


def line_of(rows: Sequence[ScoreChange]) -> Line | None:
    """The oldest first. A score holds until the next one."""
    if len(rows) < 2:
        return None
    since, until = rows[0].at, rows[-1].at
    least, most = min(0.0, *(one.value for one in rows)), max(one.value for one in rows)
    lasted, over = (until - since).total_seconds() or 1.0, (most - least) or 1.0
    points: list[str] = []
    before: float | None = None
    for one in rows:
        x = LINE_WIDTH * (one.at - since).total_seconds() / lasted
        y = LINE_HEIGHT * (1 - (one.value - least) / over)
        points += [f"{x:.1f},{before:.1f}"] if before is not None else []
        points.append(f"{x:.1f},{y:.1f}")
        before = y
    return Line(" ".join(points), least, most, since, until)


@dataclass(frozen=True)
class BestHour:
    words: str
    because: str


def best_hour(profile_id: int) -> BestHour | None:
    row = SendHour.objects.filter(pk=profile_id).first()
    if row is None:
        return None
    if row.own_share >= OWN:
        because = "by their own habit"
    elif row.own_share >= SHARED:
        because = "partly by their own habit, partly as people like them do"
    else:
        because = "as people like them do: too little is known of their own habit"
    return BestHour(f"{row.hour}:00 to {(row.hour + 1) % 24}:00", because)
