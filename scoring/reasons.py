"""Why a score is what it is: what each feature did to it, told in words made of the very same numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from scoring.answers import wanted_of
from scoring.artefact import Model
from scoring.columns import Column, FeatureTable
from scoring.features import features_as_of
from scoring.loaded import model_of, reference_of
from scoring.models import Predictor, Score

MOST = 5
"""Told of each direction; what is left is added up."""
LEAST = 0.01
"""In log-odds: what does less is not worth a sentence."""
EXPLAINED = frozenset(Predictor.Kind) - {Predictor.Kind.NEXT_ORDER}
"""Kinds whose score is a sum of parts."""


@dataclass(frozen=True)
class Reason:
    column: str
    words: str
    """A clause about the person: “ordered 3 times”."""
    value: float | str | None
    adds: float
    """In log-odds before calibration (of amounts, in logarithms of money), compared with everybody learned from."""


@dataclass(frozen=True)
class Reasons:
    """base + all that raises and lowers + the rest = the log-odds of the person, within 1e-6."""

    base: float
    raises: Sequence[Reason]
    """Strongest first."""
    lowers: Sequence[Reason]
    rest: float
    """Everything else, added up."""

    @property
    def log_odds(self) -> float:
        return self.base + sum(one.adds for one in (*self.raises, *self.lowers)) + self.rest


def reasons_of(profile_id: int, *, predictors: Mapping[int, Predictor]) -> dict[int, Reasons]:
    """Of the scores the person has by these predictors: of the moment, and by the version, of each score. A cold score
    and a date have none."""
    scores = Score.objects.filter(profile_id=profile_id, predictor_id__in=list(predictors), is_cold=False)
    found: dict[int, Reasons] = {}
    tables: dict[datetime, FeatureTable] = {}
    wanted = wanted_of(predictors.values())
    for score in scores:
        if predictors[score.predictor_id].kind not in EXPLAINED:
            continue
        if score.scored_at not in tables:
            tables[score.scored_at] = features_as_of(score.scored_at, wanted=wanted, ids=[profile_id])
        if len(tables[score.scored_at]):
            usual = usual_values(reference_of(score.model_id))
            found[score.predictor_id] = reasons_from(model_of(score.model_id), tables[score.scored_at], usual=usual)
    return found


def reasons_from(model: Model, table: FeatureTable, *, usual: Mapping[str, float], row: int = 0) -> Reasons:
    """Of one person of the table."""
    one = table.rows(np.array([row]))
    parts = model.contributions(one)
    said = [
        _reason(column, _value(one, column), float(adds), usual.get(column.name, 0.0))
        for column, adds in zip(model.columns, parts.parts[0], strict=True)
    ]
    raises = sorted((one for one in said if one.adds >= LEAST), key=lambda one: -one.adds)[:MOST]
    lowers = sorted((one for one in said if one.adds <= -LEAST), key=lambda one: one.adds)[:MOST]
    told = {one.column for one in (*raises, *lowers)}
    return Reasons(parts.base, raises, lowers, sum(one.adds for one in said if one.column not in told))


def usual_values(reference: Mapping[str, Any]) -> dict[str, float]:
    """The middle of each number among those learned from: above it a value is told as much, below as little."""
    edges = {name: one.get("edges", []) for name, one in reference.get("bins", {}).items()}
    return {name: float(listed[len(listed) // 2]) for name, listed in edges.items() if listed}


def _reason(column: Column, value: float | str | None, adds: float, usual: float) -> Reason:
    is_more = isinstance(value, str) or value is None or value > usual
    known = None if isinstance(value, float) and np.isnan(value) else value
    return Reason(column.name, column.reason(value, is_more=is_more), known, adds)


def _value(table: FeatureTable, column: Column) -> float | str | None:
    if not column.is_category:
        return float(table.column(column.name)[0])
    place = [one.name for one in table.categories].index(column.name)
    return None if table.words is None else table.words[0, place]
