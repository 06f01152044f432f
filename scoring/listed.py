"""The lines of the list of predictors: all of a page by a handful of statements."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from scoring.health import Health, health_of, problem_of
from scoring.jobs import OPEN
from scoring.models import Band, Predictor, ScoringRun, TrainedModel
from scoring.words import KINDS, KindWords, sentence

SPARK_DAYS = 60
WIDTH, HEIGHT = 100.0, 20.0
HEAVY = ("artefact", "reference", "candidates", "quality")
"""Fields of a version that a list has no use for."""


@dataclass(frozen=True)
class BandPart:
    band: str
    people: int
    x: float
    width: float
    """Of WIDTH."""


@dataclass(frozen=True)
class Line:
    predictor: Predictor
    kind: KindWords
    sentence: str
    health: Health
    problem: str
    verdict: str
    bands: Sequence[BandPart]
    people: int
    spark: str
    """Points of a polyline in WIDTH × HEIGHT: the mean score of each run; empty for fewer than two."""

    @property
    def is_training(self) -> bool:
        return self.predictor.last_job is not None and self.predictor.last_job.state in OPEN


def with_version(rows: QuerySet[Predictor]) -> QuerySet[Predictor]:
    heavy = [f"active__{name}" for name in HEAVY]
    return rows.select_related("active", "last_job").defer(*heavy)


def lines(found: Sequence[Predictor], *, now: datetime) -> list[Line]:
    ids = [one.pk for one in found]
    latest, runs = latest_versions(ids), _runs(ids, since=now - timedelta(days=SPARK_DAYS))
    return [_line(one, latest.get(one.pk), runs.get(one.pk, []), now=now) for one in found]


def latest_versions(predictor_ids: Iterable[int]) -> dict[int, TrainedModel]:
    rows = TrainedModel.objects.filter(predictor__in=list(predictor_ids)).defer(*HEAVY)
    return {one.predictor_id: one for one in rows.order_by("predictor_id", "-id").distinct("predictor_id")}


def _runs(predictor_ids: Sequence[int], *, since: datetime) -> dict[int, list[ScoringRun]]:
    rows = ScoringRun.objects.filter(predictor__in=predictor_ids, at__gte=since).order_by("at", "id")
    found: dict[int, list[ScoringRun]] = {}
    for run in rows.only("predictor_id", "at", "people", "mean", "bands"):
        found.setdefault(run.predictor_id, []).append(run)
    return found


def _line(predictor: Predictor, latest: TrainedModel | None, runs: Sequence[ScoringRun], *, now: datetime) -> Line:
    last = runs[-1] if runs else None
    return Line(
        predictor=predictor,
        kind=KINDS[predictor.kind],
        sentence=sentence(predictor),
        health=health_of(predictor, latest),
        problem=problem_of(predictor, now=now),
        verdict=latest.verdict if latest else "",
        bands=band_parts(last.bands if last else {}),
        people=last.people if last else 0,
        spark=spark([run.mean for run in runs if run.mean is not None]),
    )


def band_parts(bands: Mapping[str, int]) -> list[BandPart]:
    """Low to high, side by side."""
    total, x, found = sum(bands.values()), 0.0, []
    for band in (Band.LOW, Band.MEDIUM, Band.HIGH):
        people = bands.get(band.value, 0)
        width = WIDTH * people / total if total else 0.0
        found.append(BandPart(band.value, people, round(x, 2), round(width, 2)))
        x += width
    return found if total else []


def spark(values: Sequence[float]) -> str:
    if len(values) < 2:
        return ""
    least, most = min(values), max(values)
    step, over = WIDTH / (len(values) - 1), most - least or 1.0
    room = HEIGHT - 4
    return " ".join(f"{i * step:.1f},{2 + room - room * (one - least) / over:.1f}" for i, one in enumerate(values))
