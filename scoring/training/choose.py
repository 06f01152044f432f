"""Which candidate is used: judged on the validation window, the simpler of two that luck could have swapped."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.model_selection import StratifiedGroupKFold

from scoring.quality import Tried
from scoring.training.candidates import BGNBD, BLEND, LISTED, RECENCY, Candidate, blends, fit, singles
from scoring.training.figures import auc, log_losses
from scoring.training.lesson import Lesson
from scoring.training.season import shift_to

Numbers = NDArray[np.float64]
Report = Callable[[str], None]
Fold = tuple[Lesson, NDArray[np.int64]]
"""What is learned from, and the rows that it is asked about."""
FOLDS = 3
MOST_FOLDED = 6_000
"""Rows of cross-validation: its spread is shown, and no choice hangs on it where there is a validation window."""
SMALL_COST = 0.15
"""Seconds of a fit and its folds, however few the rows."""
ALWAYS = (RECENCY, BGNBD)
"""Tried whatever the budget, as is the simplest of each family that is averaged."""
PREFERRED = (BGNBD, BLEND)


@dataclass(frozen=True)
class Judged:
    candidate: Candidate
    log_odds: Numbers
    """Of the people judged on."""
    losses: Numbers
    """Log loss of each, once the level of all is right: the level is set by the season, not by the candidate."""
    tried: Tried


@dataclass(frozen=True)
class Choice:
    candidate: Candidate
    happened: Numbers
    log_odds: Numbers
    """What the chosen said of the people judged on, who had no part in fitting it."""
    tried: tuple[Tried, ...]
    """Best first."""


def choose(lesson: Lesson, judged_on: tuple[Numbers, Numbers] | None, *, budget_s: float, report: Report) -> Choice:
    """`judged_on`: matrix and outcomes of the validation window; without one, cross-validation takes its place."""
    crossed = lesson if judged_on is None else _some(lesson)
    folds = _folds(crossed)
    happened = lesson.y if judged_on is None else judged_on[1]
    candidates = affordable(singles(lesson), rows=len(lesson.y), budget_s=budget_s)
    judged = {}
    for at in sorted(range(len(candidates)), key=lambda at: candidates[at].prepared_as):
        candidate = candidates[at]
        report(f"Trying {candidate.name}")
        started = time.perf_counter()
        folded, each = _crossed(candidate, crossed, folds)
        log_odds = folded if judged_on is None else fit(candidate, lesson).log_odds(judged_on[0])
        told = Tried(candidate.name, candidate.parameters, 0.0, 0.0, *_spread(each), time.perf_counter() - started)
        judged[at] = _judged(candidate, happened, log_odds, told)
    found = [judged[at] for at in range(len(candidates))]
    found += [_blended(one, found, happened) for one in blends(_best_of_each(found))]
    ranked = sorted(found, key=lambda one: one.tried.log_loss)
    chosen = _chosen(ranked)
    return Choice(chosen.candidate, happened, chosen.log_odds, tuple(one.tried for one in ranked))


def affordable(candidates: Sequence[Candidate], *, rows: int, budget_s: float) -> list[Candidate]:
    """As many as the budget pays for by their usual cost: never by the clock, so that the same data and seed give the
    same choice on a busy machine."""
    spent, found = 0.0, []
    for candidate in candidates:
        spent += SMALL_COST + candidate.cost * (rows + min(rows, MOST_FOLDED) * (FOLDS - 1)) / 100_000
        if candidate.name in ALWAYS or candidate in LISTED[:2] or spent <= budget_s:
            found.append(candidate)
    return found


def _judged(candidate: Candidate, happened: Numbers, log_odds: Numbers, told: Tried) -> Judged:
    rate = (float(happened.sum()) + 0.5) / (len(happened) + 1)
    losses = log_losses(happened, expit(log_odds + shift_to(log_odds, rate)))
    by = auc(happened, log_odds)
    measured = replace(told, auc=0.5 if by is None else by, log_loss=float(losses.mean()))
    return Judged(candidate, log_odds, losses, measured)


def _blended(blend: Candidate, found: Sequence[Judged], happened: Numbers) -> Judged:
    """Its parts were fitted already. Cross-validated as their mean, which is less than its own would be."""
    parts = [one for one in found if one.candidate in blend.parts]
    told = Tried(
        blend.name,
        blend.parameters,
        0.0,
        0.0,
        float(np.mean([one.tried.cross_validated for one in parts])),
        float(np.mean([one.tried.cross_spread for one in parts])),
        sum(one.tried.took_s for one in parts),
    )
    log_odds: Numbers = np.mean([one.log_odds for one in parts], axis=0)
    return _judged(blend, happened, log_odds, told)


def _best_of_each(found: Sequence[Judged]) -> list[Candidate]:
    """Of each family the simplest that is within one standard error of its best: what bends more learns more of its own
    months, and they do not come back."""
    families: dict[str, list[Judged]] = {}
    for one in found:
        families.setdefault(one.candidate.name, []).append(one)
    return [_simplest(family).candidate for family in families.values()]


def _simplest(family: Sequence[Judged]) -> Judged:
    best = min(family, key=lambda one: one.tried.log_loss)
    return min((one for one in family if _is_equal(one, best)), key=lambda one: one.candidate.complexity)


def _chosen(ranked: Sequence[Judged]) -> Judged:
    """Of those that are within one standard error of the best: the one with the fewest parameters, then the average of
    the simplest, which was measured to err the least across shops."""
    best = ranked[0]
    equal = [one for one in ranked if _is_equal(one, best)]
    for name in PREFERRED:
        named = [one for one in equal if one.candidate.name == name]
        if named:
            return min(named, key=lambda one: (one.candidate.complexity, one.tried.log_loss))
    return best


def _is_equal(one: Judged, best: Judged) -> bool:
    behind = one.losses - best.losses
    return float(behind.mean()) <= float(behind.std()) / math.sqrt(max(len(behind), 1))


def _folds(lesson: Lesson) -> list[Fold]:
    """A person's rows are in one fold, of each fold alike many did it. The same for all candidates."""
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=lesson.seed)
    return [(lesson.rows(learned), held) for learned, held in folds.split(lesson.X, lesson.y, lesson.groups)]


def _crossed(candidate: Candidate, lesson: Lesson, folds: Sequence[Fold]) -> tuple[Numbers, list[float]]:
    """Out-of-fold log-odds of all rows, and the AUC of each fold."""
    found, each = np.zeros(len(lesson.y)), []
    for learned, held in folds:
        if len(np.unique(learned.y)) < 2:
            return found, []
        found[held] = fit(candidate, learned).log_odds(lesson.X[held])
        by = auc(lesson.y[held], found[held])
        each += [] if by is None else [by]
    return found, each


def _some(lesson: Lesson) -> Lesson:
    if len(lesson.y) <= MOST_FOLDED:
        return lesson
    return lesson.rows(np.sort(np.random.default_rng(lesson.seed).choice(len(lesson.y), MOST_FOLDED, replace=False)))


def _spread(each: Sequence[float]) -> tuple[float, float]:
    return (float(np.mean(each)), float(np.std(each))) if each else (0.5, 0.0)
