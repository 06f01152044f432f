"""How much more, or less, happens in the days ahead than in those learned from, because of the time of year."""

from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit

Numbers = NDArray[np.float64]
RETAIL_YEAR = (0.93, 0.90, 0.95, 0.93, 0.95, 0.93, 0.95, 0.96, 0.97, 1.02, 1.22, 1.29)
"""Orders of online shops, January to December, a month of average length and trend being 1. By quarter after the US
Census Bureau's retail e-commerce sales, not adjusted by adjusted for the season: 268.1 / 289.2 = 0.93 in the first
quarter of 2024 (CB24-76), 81.1 / 87.5 = 0.93 in the third of 2015 (CB15-189), 245.3 / 206.7 = 1.19 in the fourth of
2020 (CB21-23). How a quarter parts into months is our estimate."""
RETAIL_TRUST = 0.75
"""How much of it is believed of a shop whose own year is not known."""
USUAL_SPREAD = 0.3
"""In log-odds: how much seasons usually move a shop. What one window measures is drawn towards 0 by its own error."""
FURTHEST = 9.0


def retail_index(after: datetime, *, days: int) -> float:
    """Mean of the retail year over (after, after + days]."""
    each = [RETAIL_YEAR[(after + timedelta(days=n + 1)).month - 1] for n in range(days)]
    return float(np.mean(each))


def shift_to(log_odds: Numbers, rate: float) -> float:
    """What is to be added to all log-odds so that the mean probability is `rate`."""

    def off(shift: float) -> float:
        return float(expit(log_odds + shift).mean()) - rate

    if not len(log_odds) or off(-FURTHEST) > 0 or off(FURTHEST) < 0:
        return 0.0
    return float(brentq(off, -FURTHEST, FURTHEST))


def shift_of_year_ago(log_odds: Numbers, happened: Numbers) -> float:
    """By how much today's model missed the level of this season a year ago, drawn to 0 by how well it was measured."""
    did = float(happened.sum())
    rate = (did + 0.5) / (len(happened) + 1)
    error = 1 / max(len(happened) * rate * (1 - rate), 1e-9)
    return shift_to(log_odds, rate) * USUAL_SPREAD**2 / (USUAL_SPREAD**2 + error)


def shift_of_retail(log_odds: Numbers, *, ahead: float, learned: float) -> float:
    """By the retail year: who is expected to order k times as often orders at all with 1 - (1 - p)^k."""
    more = (ahead / learned) ** RETAIL_TRUST
    return shift_to(log_odds, float(-np.expm1(more * np.log1p(-np.clip(expit(log_odds), 0, 1 - 1e-9))).mean()))
