"""Whether a new version may take over from the one in use: both on the same window, which neither saw."""

import math
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.artefact import Model
from scoring.models import TrainedModel
from scoring.packed import NotAnArtefact
from scoring.training.amounts import refit_amounts
from scoring.training.candidates import Candidate
from scoring.training.figures import compared
from scoring.training.learn import refit
from scoring.training.records import Records
from scoring.training.windows import Window

Numbers = NDArray[np.float64]
LUCK = 0.05


def is_no_worse(past: Records, challenger: Model, champion: TrainedModel, *, now: datetime, seed: int) -> bool:
    """The champion is the better one where that is more than luck (one-sided, 5 %).

    A version learned from the window it would be measured on, as the one in use usually is where it is trained more
    often than windows end; so each is learned anew in its own way from what was known before the window."""
    try:
        recipe = Model.read(champion.artefact).recipe
    except NotAnArtefact:
        return True
    if recipe == challenger.recipe:
        return True
    untouched = now - timedelta(days=past.days)
    window = past.window(untouched)
    said = [_said(past, one, window, until=untouched, seed=seed) for one in (recipe, challenger.recipe)]
    if past.about.is_amount:
        return _is_nearer(window.happened, *said)
    found = compared(window.happened, *said)
    return found is None or found.by <= 0 or bool(found.chance > LUCK)


def _said(past: Records, recipe: dict[str, Any], window: Window, *, until: datetime, seed: int) -> Numbers:
    candidate = Candidate.from_facts(recipe["candidate"])
    if past.about.is_amount:
        amounts = refit_amounts(past, candidate, until=until, seed=seed)
        return np.zeros(len(window.happened)) if amounts is None else amounts.amounts(window.table)
    slope = float(recipe["slope"])
    return refit(past, candidate, slope=slope, until=until, seed=seed).probabilities(window.table)


def _is_nearer(happened: Numbers, champion: Numbers, challenger: Numbers) -> bool:
    """Unless the champion's errors are smaller by two standard errors."""
    more = np.abs(challenger - happened) - np.abs(champion - happened)
    return bool(more.mean() <= 2 * more.std() / math.sqrt(max(len(more), 1)))
