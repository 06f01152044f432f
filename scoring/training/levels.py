"""From what the chosen said of people it had not seen, and from the time of year, to probabilities that come true."""

from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from scoring.columns import FeatureTable
from scoring.estimators.calibration import Calibration
from scoring.estimators.plain import Plain
from scoring.training.figures import log_losses
from scoring.training.lesson import About, Lesson
from scoring.training.season import retail_index, shift_of_retail, shift_of_year_ago, shift_to
from scoring.training.windows import Plan, Window

Numbers = NDArray[np.float64]
SLOPE_SPREAD = 0.15
"""How far a slope usually is from 1: what few people say of it is drawn there."""
SLOPES = (0.3, 2.0)


def slope_of(happened: Numbers, log_odds: Numbers) -> float:
    """Platt's slope with a normal prior around 1; the level is another matter, see `calibrated`."""
    if len(np.unique(happened)) < 2:
        return 1.0

    def loss(line: Numbers) -> float:
        likely = expit(line[0] * log_odds + line[1])
        return float(log_losses(happened, likely).sum()) + float(line[0] - 1) ** 2 / (2 * SLOPE_SPREAD**2)

    found = minimize(loss, np.array([1.0, 0.0]), method="Nelder-Mead", options={"maxiter": 300})
    return float(np.clip(found.x[0], *SLOPES))


def calibrated(
    plain: Plain, lesson: Lesson, *, slope: float, plan: Plan, known: FeatureTable, year_ago: Window | None
) -> Calibration:
    """Level on average over the windows learned from, moved by what the season does.

    The latest window alone is no better guide: measured on shops that grow, shrink, and have seasons, carrying its
    level or its trend on made forecasts worse as often as better."""
    learned = slope * plain.log_odds(lesson.X)
    rate = (float(lesson.y.sum()) + 0.5) / (len(lesson.y) + 1)
    level = Calibration(slope, shift_to(learned, rate))
    if year_ago is not None and len(year_ago.happened):
        then = level.calibrated(plain.log_odds(lesson.coding.matrix(year_ago.table)))
        return Calibration(slope, level.shift + shift_of_year_ago(then, year_ago.happened))
    now = level.calibrated(plain.log_odds(lesson.coding.matrix(known)))
    return Calibration(slope, level.shift + _retail(lesson.about, now, plan))


def _retail(about: About, now: Numbers, plan: Plan) -> float:
    """Of orders only: of visits or opened messages there is no such year to borrow."""
    if not about.is_of_orders or not plan.using or not len(now):
        return 0.0
    learned = _mean_index(plan.using, about.days)
    ahead = _mean_index((plan.until,), about.days)
    if about.is_absence:
        return -shift_of_retail(-now, ahead=ahead, learned=learned)
    return shift_of_retail(now, ahead=ahead, learned=learned)


def _mean_index(moments: tuple[datetime, ...], days: int) -> float:
    return float(np.mean([retail_index(moment, days=days) for moment in moments]))
