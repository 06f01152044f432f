"""The candidates, the simplest first, and how each is fitted."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from scipy.special import logit

from scoring.estimators.additive import Additive
from scoring.estimators.blend import Blend
from scoring.estimators.ensembles import as_trees, boosting, forest
from scoring.estimators.habitual import Habitual, bgnbd_alone, usual_customer
from scoring.estimators.logistic import additive, logistic
from scoring.estimators.plain import Plain
from scoring.training.lesson import Lesson

Parameters = dict[str, float | int | str]
RECENCY, SIMPLE, BGNBD, LOGISTIC, FOREST, BOOSTING, BLEND = (
    "recency",
    "simple",
    "bgnbd",
    "logistic",
    "forest",
    "boosting",
    "blend",
)
SIMPLE_C = 0.01


@dataclass(frozen=True)
class Candidate:
    name: str
    parameters: Parameters = field(default_factory=dict)
    cost: float = 0.1
    """Seconds for 100,000 rows of 60 columns on a slow core: measured once, so that a budget always cuts alike."""
    complexity: int = 0
    """Order within its family."""
    parts: tuple["Candidate", ...] = ()
    """Of a blend."""

    @property
    def prepared_as(self) -> int:
        """Those alike follow one another, so that the preparation of what they learn from is made once."""
        return int(self.parameters.get("bends", -1))

    def facts(self) -> dict[str, Any]:
        """As JSON, so that a version can be learned anew in the same way."""
        return {"name": self.name, "parameters": self.parameters, "parts": [one.facts() for one in self.parts]}

    @classmethod
    def from_facts(cls, facts: dict[str, Any]) -> Self:
        parts = tuple(cls.from_facts(one) for one in facts["parts"])
        return cls(str(facts["name"]), dict(facts["parameters"]), parts=parts)


def _logistic_of(C: float, bends: int, complexity: int) -> Candidate:
    return Candidate(LOGISTIC, {"C": C, "bends": bends}, cost=6.0 if bends else 1.5, complexity=complexity)


def _boosting_of(trees: int, leaves: int, rate: float) -> Candidate:
    given: Parameters = {"trees": trees, "leaves": leaves, "rate": rate}
    return Candidate(BOOSTING, given, cost=4.0, complexity=trees * leaves)


LISTED = (
    _logistic_of(0.01, 0, 0),
    _boosting_of(60, 4, 0.08),
    _logistic_of(0.03, 3, 3),
    _boosting_of(80, 6, 0.05),
    _logistic_of(0.003, 3, 1),
    _logistic_of(0.1, 0, 2),
    _boosting_of(120, 12, 0.05),
    _logistic_of(0.3, 3, 4),
    Candidate(FOREST, {"trees": 60, "leaves": 60, "fewest": 15}, cost=25.0),
    _logistic_of(0.03, 6, 5),
)


def singles(lesson: Lesson) -> tuple[Candidate, ...]:
    """In the order in which a time budget is spent."""
    found = [Candidate(RECENCY, cost=0.3)]
    if lesson.habit is not None:
        found.append(Candidate(BGNBD, cost=0.3))
    return (*found, *LISTED)


def blends(best: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Averages of those that err differently: of the simplest of each family, and of the best."""
    by_name = {one.name: one for one in best}
    found = [_average([LISTED[0], LISTED[1], *(one for one in best if one.name == BGNBD)])]
    for names in ((LOGISTIC, BOOSTING, BGNBD), (LOGISTIC, BGNBD), (LOGISTIC, BOOSTING), (LOGISTIC, FOREST)):
        if all(name in by_name for name in names):
            found.append(_average([by_name[name] for name in names], complexity=1))
    return tuple(one for at, one in enumerate(found) if one.parts not in [other.parts for other in found[:at]])


def _average(parts: Sequence[Candidate], *, complexity: int = 0) -> Candidate:
    given: Parameters = {"of": " + ".join(one.name for one in parts)}
    return Candidate(BLEND, given, complexity=complexity, parts=tuple(parts))


def fit(candidate: Candidate, lesson: Lesson) -> Plain:
    """`lesson.y` is 0 or 1, and both are in it."""
    given = candidate.parameters
    match candidate.name:
        case "recency":
            return _narrow(lesson, (lesson.about.recency,), C=1.0)
        case "simple":
            return _narrow(lesson, (lesson.about.recency, lesson.about.frequency), C=SIMPLE_C)
        case "bgnbd":
            return _bgnbd(lesson)
        case "logistic":
            return _logistic(lesson, C=float(given["C"]), bends=int(given["bends"]))
        case "forest":
            trees, leaves, fewest = (int(given[name]) for name in ("trees", "leaves", "fewest"))
            pipeline = forest(lesson.kinds, trees=trees, leaves=leaves, fewest=fewest, seed=lesson.seed)
            return as_trees(pipeline.fit(lesson.X, lesson.y), kinds=lesson.kinds)
        case "boosting":
            trees, leaves, rate = int(given["trees"]), int(given["leaves"]), float(given["rate"])
            pipeline = boosting(lesson.kinds, trees=trees, leaves=leaves, rate=rate, seed=lesson.seed)
            return as_trees(pipeline.fit(lesson.X, lesson.y), kinds=lesson.kinds)
        case _:
            return Blend(tuple(fit(part, lesson) for part in candidate.parts))


def _logistic(lesson: Lesson, *, C: float, bends: int) -> Plain:
    prepared = lesson.preparation
    found = additive(prepared.logistic(lesson.y, C=C, bends=bends), prepared.X, kinds=prepared.kinds)
    if lesson.habit is None:
        return found
    return Habitual(found, lesson.habit, usual_customer(lesson.X, lesson.habit.where))


def _narrow(lesson: Lesson, names: Sequence[str], *, C: float) -> Additive:
    """By some columns alone; by none of them the rate of everybody."""
    kept = {lesson.place(name) for name in names}
    kinds = tuple(kind if at in kept else "unused" for at, kind in enumerate(lesson.kinds))
    if all(kind == "unused" for kind in kinds):
        return _everybody(lesson)
    return additive(logistic(kinds, C=C).fit(lesson.X, lesson.y), lesson.X, kinds=kinds)


def _everybody(lesson: Lesson) -> Additive:
    columns = len(lesson.kinds)
    rate = (float(lesson.y.sum()) + 0.5) / (len(lesson.y) + 1)
    return Additive(
        intercept=float(logit(rate)),
        is_squeezed=np.zeros(columns, dtype=np.bool_),
        starts=np.zeros(columns + 1, dtype=np.int64),
        knots=np.empty(0),
        heights=np.empty(0),
        missing=np.zeros(columns),
        is_category=np.zeros(columns, dtype=np.bool_),
        usual=np.zeros(columns),
    )


def _bgnbd(lesson: Lesson) -> Habitual:
    """Who never ordered is given the rate of those like them, where any are known."""
    if lesson.habit is None:
        raise ValueError("BG/NBD reads orders; none are known")
    never = lesson.y[np.isnan(lesson.derived[:, 0])]
    rate = (float(never.sum()) + 0.5) / (len(never) + 1)
    sign = -1.0 if lesson.about.is_absence else 1.0
    return bgnbd_alone(lesson.habit, lesson.X, sign=sign, otherwise=float(logit(rate)))
