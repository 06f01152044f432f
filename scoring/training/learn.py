"""From the past to a model: chosen on a window it was not fitted on, then fitted on all windows that are over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from scoring.artefact import Model
from scoring.cold import NewcomerRates
from scoring.columns import FeatureTable
from scoring.estimators.calibration import Calibration
from scoring.quality import Tried
from scoring.training.candidates import BGNBD, SIMPLE, Candidate, fit
from scoring.training.choose import Choice, Report, choose
from scoring.training.figures import best_threshold
from scoring.training.lesson import About, lesson_of
from scoring.training.levels import calibrated, slope_of
from scoring.training.season import shift_to
from scoring.training.windows import Plan, Source, Window, plan

Numbers = NDArray[np.float64]
FEWEST = 30
"""Of those who did it, and of those who did not, in what is learned from and in what is judged on."""
FEWEST_SIMPLE = 5


class Past(Source, Protocol):
    about: About

    def known(self, moment: datetime) -> FeatureTable:
        """The features of those whom the question is asked of, as of a moment whose window is not over."""

    def newcomers(self, windows: Sequence[Window]) -> NewcomerRates: ...


@dataclass(frozen=True)
class Learned:
    model: Model
    candidate: Candidate
    slope: float
    threshold: float | None
    """Where F1 was best on the validation window."""
    tried: tuple[Tried, ...]
    is_simple: bool = False


def learn(past: Past, *, until: datetime, seed: int, budget_s: float, report: Report) -> Learned | None:
    """Knows nothing later than `until`. None where not even the simple model has anything to stand on."""
    dates = plan(past, until=until)
    windows = [past.window(moment) for moment in dates.using]
    if not is_enough(windows):
        return learn_simple(past, until=until, seed=seed)
    choice = _choice(past, dates, seed=seed, budget_s=budget_s, report=report)
    slope = slope_of(choice.happened, choice.log_odds)
    report("Learning from all windows")
    model = refit(past, choice.candidate, slope=slope, until=until, seed=seed)
    said = expit(slope * choice.log_odds + shift_to(slope * choice.log_odds, float(choice.happened.mean())))
    return Learned(model, choice.candidate, slope, best_threshold(choice.happened, said), choice.tried)


def refit(past: Past, candidate: Candidate, *, slope: float, until: datetime, seed: int) -> Model:
    """The same candidate on all windows that are over by `until`."""
    dates = plan(past, until=until)
    windows = [past.window(moment) for moment in dates.using]
    known = past.known(until)
    lesson = lesson_of(windows, known, about=past.about, seed=seed)
    plain = fit(candidate, lesson)
    year_ago = past.window(dates.year_ago) if dates.year_ago else None
    level = calibrated(plain, lesson, slope=slope, plan=dates, known=known, year_ago=year_ago)
    recipe = {"candidate": candidate.facts(), "slope": slope}
    return Model(lesson.coding, plain, level, past.newcomers(windows), candidate.name, recipe)


def is_enough(windows: Sequence[Window], fewest: int = FEWEST) -> bool:
    """In one of them at least: the same people a month later say little that is new."""
    return any(min(one.did, one.did_not) >= fewest for one in windows)


def _choice(past: Past, dates: Plan, *, seed: int, budget_s: float, report: Report) -> Choice:
    """Where the past is too short for a window to choose on, people are held out instead of a window."""
    training = [past.window(moment) for moment in dates.training]
    if is_enough(training) and is_enough([past.window(dates.validation)]):
        validation = past.window(dates.validation)
        lesson = lesson_of(training, validation.table, about=past.about, seed=seed)
        judged_on = lesson.coding.matrix(validation.table), validation.happened
        return choose(lesson, judged_on, budget_s=budget_s, report=report)
    windows = [past.window(moment) for moment in dates.using]
    lesson = lesson_of(windows, past.known(dates.until), about=past.about, seed=seed)
    return choose(lesson, None, budget_s=budget_s, report=report)


def learn_simple(past: Past, *, until: datetime, seed: int) -> Learned | None:
    """BG/NBD, which needs orders and no outcomes; else a rate drawn to everybody's by recency and frequency."""
    dates = plan(past, until=until)
    windows = [past.window(moment) for moment in dates.using]
    known = past.known(until)
    empty = Window(until, known, np.zeros(len(known)))
    lesson = lesson_of(windows or [empty], known, about=past.about, seed=seed)
    if lesson.habit is not None:
        chosen = Candidate(BGNBD)
    elif is_enough(windows, FEWEST_SIMPLE):
        chosen = Candidate(SIMPLE)
    else:
        return None
    recipe = {"candidate": chosen.facts(), "slope": 1.0}
    model = Model(lesson.coding, fit(chosen, lesson), Calibration(), past.newcomers(windows), chosen.name, recipe)
    return Learned(model, chosen, 1.0, None, (), is_simple=True)
