"""The scores people have now: how they are spread, and who is meant by “at least so much”.

The counts are those of the segment that is made from a threshold: the same rows, compared with the same number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from django.db import connection

from cdp.common.copying import Cursor
from scoring.models import Predictor

LIVING = (
    "from scoring_score s join profiles_profile p on p.id = s.profile_id and p.merged_into is null"
    " where s.predictor_id = %(predictor)s"
)
BARS, STEPS = 30, 100
DIGITS = 3
"""Of a threshold: so much can be read, and written into a rule."""


@dataclass(frozen=True)
class Step:
    """Everybody with at least this score."""

    threshold: float
    people: int
    expected: float
    """Sum of their scores: of probabilities, how many of them are expected to do it; of amounts, money."""


@dataclass(frozen=True)
class Bar:
    low: float
    high: float
    people: int


@dataclass(frozen=True)
class Today:
    people: int
    total: float
    steps: Sequence[Step]
    """By ascending threshold; the first holds everybody."""
    bars: Sequence[Bar]


def today(predictor: Predictor) -> Today:
    with connection.cursor() as cursor:
        lowest, cuts = _quantiles(cursor, predictor.pk)
        if lowest is None:
            return Today(0, 0.0, (), ())
        thresholds = _thresholds(lowest, cuts)
        steps = _steps(cursor, predictor.pk, thresholds)
        return Today(steps[0].people, steps[0].expected, steps, _bars(cursor, predictor.pk, lowest, cuts[-1]))


def _quantiles(cursor: Cursor, predictor_id: int) -> tuple[float | None, list[float]]:
    shares = [step / STEPS for step in range(1, STEPS + 1)]
    cursor.execute(
        "select min(s.value), percentile_disc(%(shares)s::double precision[]) within group (order by s.value) "
        + LIVING,
        {"predictor": predictor_id, "shares": shares},
    )
    lowest, found = cursor.fetchone()
    return lowest, list(found or [])


def _thresholds(lowest: float, cuts: Sequence[float]) -> list[float]:
    """Short numbers, ascending; nobody is below the first, somebody is at or above the last."""
    return sorted({short(lowest), *map(short, cuts)})


def short(value: float) -> float:
    """Cut to a few digits, never up."""
    exact = Decimal(repr(value))
    if not exact:
        return 0.0
    unit = Decimal(1).scaleb(exact.adjusted() - DIGITS + 1)
    return float(exact.quantize(unit, rounding=ROUND_FLOOR))


def _steps(cursor: Cursor, predictor_id: int, thresholds: list[float]) -> list[Step]:
    """One pass: each score falls between two thresholds; what is above is added up."""
    cursor.execute(
        "select width_bucket(s.value, %(thresholds)s::double precision[]) as step, count(*), sum(s.value) "
        + LIVING + " group by step",
        {"predictor": predictor_id, "thresholds": thresholds},
    )  # fmt: skip
    found = {step: (people, float(total)) for step, people, total in cursor.fetchall()}
    people, expected, steps = 0, 0.0, []
    for index in range(len(thresholds), 0, -1):
        more, total = found.get(index, (0, 0.0))
        people, expected = people + more, expected + total
        steps.append(Step(thresholds[index - 1], people, expected))
    return steps[::-1]


def _bars(cursor: Cursor, predictor_id: int, lowest: float, highest: float) -> list[Bar]:
    """Equally wide, from 0 (or below it, where amounts are) to the highest."""
    low = min(0.0, lowest)
    width = (highest - low) / BARS or 1.0
    edges = [low + width * index for index in range(BARS)]
    cursor.execute(
        "select width_bucket(s.value, %(edges)s::double precision[]) as bar, count(*) " + LIVING + " group by bar",
        {"predictor": predictor_id, "edges": edges},
    )
    found = dict(cursor.fetchall())
    return [Bar(edge, edge + width, found.get(index, 0)) for index, edge in enumerate(edges, start=1)]


def bands_of(predictor: Predictor) -> dict[str, int]:
    """Band → people now."""
    with connection.cursor() as cursor:
        cursor.execute("select s.band, count(*) " + LIVING + " group by s.band", {"predictor": predictor.pk})
        return dict(cursor.fetchall())


def expected_by_week(predictor: Predictor, *, now: datetime, weeks: int) -> list[int]:
    """Of next orders: how many are expected in each of the weeks ahead; those already due count in the first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select greatest(0, floor(extract(epoch from s.expected_at - %(now)s) / 604800))::int as week, count(*) "
            + LIVING + " and s.expected_at is not null group by week",
            {"predictor": predictor.pk, "now": now},
        )  # fmt: skip
        found = dict(cursor.fetchall())
    return [found.get(week, 0) for week in range(weeks)]


def expected_soon(predictor: Predictor, *, now: datetime, days: Sequence[int]) -> list[int]:
    """How many are expected within so many days: the people of the rule that says so."""
    found = []
    with connection.cursor() as cursor:
        for one in days:
            asked: dict[str, Any] = {"predictor": predictor.pk, "now": now, "until": now + timedelta(days=one)}
            within = " and s.expected_at > %(now)s and s.expected_at <= %(until)s"
            cursor.execute("select count(*) " + LIVING + within, asked)
            found.append(int(cursor.fetchone()[0]))
    return found
