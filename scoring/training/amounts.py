"""What people spend: candidates that say amounts, chosen by mean absolute error on the validation window.

The amount with the least absolute error is the median, and most people's median is nothing at all: a forecast of 0 for
nearly everybody would win and help nobody. So a candidate must also expect nearly as much in all as Gamma-Gamma times
BG/NBD does, whose amounts are means.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from scoring.artefact import Model
from scoring.estimators.blend import Blend, How
from scoring.estimators.calibration import Calibration
from scoring.estimators.habitual import PURCHASES, Habitual, bgnbd_alone, usual_customer
from scoring.estimators.logistic import additive, logistic, ridge
from scoring.estimators.plain import Plain
from scoring.estimators.spending import LEAST, Worth
from scoring.quality import Tried
from scoring.training.candidates import Candidate
from scoring.training.learn import Learned, Past, is_enough
from scoring.training.lesson import WORTH, Lesson, lesson_of
from scoring.training.windows import Plan, Window, plan

Numbers = NDArray[np.float64]
GAMMA_GAMMA, TWO_PARTS, BOTH = "gamma_gamma", "two_parts", "gamma_gamma + two_parts"
CANDIDATES = (Candidate(GAMMA_GAMMA), Candidate(TWO_PARTS), Candidate(BOTH))
LEAST_OF_TOTAL = 0.75
"""Of what Gamma-Gamma times BG/NBD expects in all."""
FACTORS = (0.5, 2.0)
YEAR_TRUST = 0.7
"""One year is one observation of a season."""
CHANCE = {"C": 0.03, "bends": 3}
ALPHA = 50.0


@dataclass(frozen=True)
class _Judged:
    candidate: Candidate
    amounts: Numbers
    mae: float


def learn_amounts(past: Past, *, until: datetime, seed: int) -> Learned | None:
    """None where too few have ordered to say what orders are worth."""
    dates = plan(past, until=until)
    windows = [past.window(moment) for moment in dates.using]
    if not is_enough(windows):
        model = _model(past, Candidate(GAMMA_GAMMA), windows, dates, seed)
        return None if model is None else Learned(model, Candidate(GAMMA_GAMMA), 1.0, None, (), is_simple=True)
    judged = _judged(past, dates, seed)
    chosen = _chosen(judged)
    model = _model(past, chosen, windows, dates, seed)
    return None if model is None else Learned(model, chosen, 1.0, None, tuple(_tried(one) for one in judged))


def refit_amounts(past: Past, candidate: Candidate, *, until: datetime, seed: int) -> Model | None:
    dates = plan(past, until=until)
    return _model(past, candidate, [past.window(moment) for moment in dates.using], dates, seed)


def _judged(past: Past, dates: Plan, seed: int) -> list[_Judged]:
    """By ascending error; none where the past is too short to hold a window out."""
    training = [past.window(moment) for moment in dates.training]
    if not is_enough(training):
        return []
    validation = past.window(dates.validation)
    lesson = lesson_of(training, validation.table, about=past.about, seed=seed)
    X, spent = lesson.coding.matrix(validation.table), validation.happened
    found = []
    for candidate in CANDIDATES:
        plain = fit_amounts(candidate, lesson)
        if plain is not None:
            amounts = np.exp(plain.log_odds(X))
            found.append(_Judged(candidate, amounts, float(np.mean(np.abs(amounts - spent)))))
    return sorted(found, key=lambda one: one.mae)


def _chosen(judged: Sequence[_Judged]) -> Candidate:
    if not judged:
        return Candidate(BOTH)
    usual = next((float(one.amounts.sum()) for one in judged if one.candidate.name == GAMMA_GAMMA), 0.0)
    for one in judged:
        if float(one.amounts.sum()) >= LEAST_OF_TOTAL * usual:
            return one.candidate
    return Candidate(GAMMA_GAMMA)


def fit_amounts(candidate: Candidate, lesson: Lesson) -> Plain | None:
    """`lesson.y`: money. None where too few have ordered."""
    if lesson.habit is None or lesson.worth is None:
        return None
    if candidate.name == GAMMA_GAMMA:
        return _gamma_gamma(lesson)
    chance, worth = _two_parts(lesson)
    two_parts = Blend((chance, worth), How.SPENDING)
    return two_parts if candidate.name == TWO_PARTS else Blend((_gamma_gamma(lesson), two_parts))


def _gamma_gamma(lesson: Lesson) -> Plain:
    """Expected purchases times the expected worth of one; of who never ordered, what those like them spent."""
    if lesson.habit is None or lesson.worth is None:
        raise ValueError("Gamma-Gamma reads orders; none are known")
    orders, mean_order = lesson.place("orders"), lesson.place(WORTH)
    if orders is None or mean_order is None:
        raise ValueError("Gamma-Gamma reads orders and their worth; the features lack them")
    read = lesson.X[:, [orders, mean_order]]
    customers = read[read[:, 0] > 0]
    usual = np.nanmedian(customers, axis=0) if len(customers) else np.array([1.0, 1.0])
    worth = Worth(lesson.worth, (orders, mean_order), usual)
    never = np.isnan(lesson.derived[:, 0])
    spent = float(np.mean(lesson.y[never])) if never.any() else 0.0
    nobody = float(np.exp(worth.log_odds(lesson.X[never])[:1])[0]) if never.any() else 1.0
    otherwise = float(np.log(max(spent, LEAST) / max(nobody, LEAST)))
    return Blend((bgnbd_alone(lesson.habit, lesson.X, which=PURCHASES, otherwise=otherwise), worth), How.PRODUCT)


def _two_parts(lesson: Lesson) -> tuple[Plain, Plain]:
    """The chance that anything is spent, and the median of what is spent then."""
    if lesson.habit is None:
        raise ValueError("BG/NBD reads orders; none are known")
    X = np.hstack([lesson.X, lesson.derived])
    kinds = (*lesson.kinds, *["plain"] * lesson.derived.shape[1])
    usual = usual_customer(lesson.X, lesson.habit.where)
    spent = lesson.y > 0
    chance = logistic(kinds, C=CHANCE["C"], bends=int(CHANCE["bends"])).fit(X, spent.astype(np.float64))
    worth = ridge(kinds, alpha=ALPHA, bends=int(CHANCE["bends"])).fit(X[spent], np.log(lesson.y[spent]))
    first = Habitual(additive(chance, X, kinds=kinds), lesson.habit, usual)
    return first, Habitual(additive(worth, X, kinds=kinds), lesson.habit, usual)


def _model(past: Past, candidate: Candidate, windows: Sequence[Window], dates: Plan, seed: int) -> Model | None:
    known = past.known(dates.until)
    empty = Window(dates.until, known, np.zeros(len(known)))
    lesson = lesson_of(windows or [empty], known, about=past.about, seed=seed)
    plain = fit_amounts(candidate, lesson)
    if plain is None:
        return None
    level = Calibration(1.0, _season(past, plain, lesson, dates))
    recipe = {"candidate": candidate.facts(), "slope": 1.0}
    return Model(lesson.coding, plain, level, past.newcomers(windows), candidate.name, recipe)


def _season(past: Past, plain: Plain, lesson: Lesson, dates: Plan) -> float:
    """In logarithms: what this season spent a year ago beside what would be expected of those people. Without a year
    of its own a shop borrows none: a borrowed one was measured to cost more on sparse buyers than it gains."""
    if dates.year_ago is None:
        return 0.0
    window = past.window(dates.year_ago)
    expected = float(np.exp(plain.log_odds(lesson.coding.matrix(window.table))).sum())
    usual = float(np.exp(plain.log_odds(lesson.X)).sum()) / max(float(lesson.y.sum()), LEAST)
    factor = float(window.happened.sum()) / max(expected, LEAST) * usual
    return YEAR_TRUST * float(np.log(np.clip(factor, *FACTORS)))


def _tried(one: _Judged) -> Tried:
    return Tried(one.candidate.name, {"mae": round(one.mae, 4)}, 0.0, 0.0, 0.0, 0.0, 0.0)
