"""How predictions are: those in trouble first."""

from dataclasses import dataclass
from datetime import datetime

from scoring.health import Health, health_of, problem_of
from scoring.listed import latest_versions, with_version
from scoring.models import Predictor

MOST = 6
GRAVE = ("failed", "little", "useless", "untrained", "simple")


@dataclass(frozen=True)
class Line:
    predictor: Predictor
    health: Health
    problem: str


@dataclass(frozen=True)
class Predictions:
    lines: list[Line]
    n: int
    n_used: int
    n_troubled: int

    @property
    def more(self) -> int:
        return self.n - len(self.lines)


def predictions(*, now: datetime) -> Predictions:
    rows = list(with_version(Predictor.objects.filter(archived_at=None)).order_by("name"))
    latest = latest_versions([one.pk for one in rows])
    lines = [Line(one, health_of(one, latest.get(one.pk)), problem_of(one, now=now)) for one in rows]
    lines.sort(key=lambda one: (not one.problem, one.health.key not in GRAVE, one.predictor.name))
    return Predictions(
        lines[:MOST],
        len(lines),
        sum(one.predictor.active_id is not None for one in lines),
        sum(bool(one.problem) for one in lines),
    )
