"""Whether there is enough to learn from, told before the training: how many did it in such a window lately."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from cdp.common.estimate import table_size
from scoring.columns import Numbers
from scoring.models import Predictor
from scoring.populations import people_as_of
from scoring.targets import outcome
from scoring.words import did
from segments.bounded import at_most

FEWEST = 30
"""Of those who did it and of those who did not: fewer can only carry the simple model."""
WINDOWS = 3
"""To learn from, to choose by and to be measured on."""
SAMPLE = 20_000
SEED = 11


@dataclass(frozen=True)
class Readiness:
    people: int
    """Who would have been asked a window ago."""
    happened: int
    """Of them, those of whom it came true since."""
    is_exact: bool
    """Else both are taken from a part of the people."""
    history_days: int
    missing: tuple[str, ...]
    """Sentences; empty where there is enough for a full model."""

    @property
    def share(self) -> float:
        return self.happened / self.people if self.people else 0.0


def readiness(predictor: Predictor, *, now: datetime, wait_s: float) -> Readiness:
    """Of a predictor that need not be saved. Raises TooSlow; RuleError where the past does not know what is asked."""
    moment = now - timedelta(days=predictor.days)
    everybody = table_size("profiles_profile", where="merged_into is null", without="profile_by_winner").n
    part = min(1.0, SAMPLE / everybody) if everybody else 1.0
    with at_most(wait_s):
        ids = people_as_of(predictor, moment, share=part, seed=SEED)
        found = outcome(predictor, ids, after=moment, until=now) if len(ids) else np.empty(0)
        history_days = _history_days(now)
    happened = int(np.sum(_is_true(predictor, found)))
    people = len(ids)
    missing = tuple(_missing(predictor, people=people, happened=happened, history_days=history_days))
    return Readiness(round(people / part), round(happened / part), part >= 1, history_days, missing)


def _is_true(predictor: Predictor, found: Numbers) -> NDArray[np.bool_]:
    """Amounts: whether anything was spent; days until an order: whether there was one."""
    is_there: NDArray[np.bool_] = ~np.isnan(found) if predictor.kind == Predictor.Kind.NEXT_ORDER else found > 0
    return is_there


def _history_days(now: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute("select min(first_at) from events_eventstate")
        first_at = cursor.fetchone()[0]
    return 0 if first_at is None else max(0, (now - first_at).days)


def _missing(predictor: Predictor, *, people: int, happened: int, history_days: int) -> list[str]:
    found = []
    wanted_days = WINDOWS * predictor.days
    if history_days < wanted_days:
        found.append(
            f"What happened is known for {history_days:,} days. To learn, to choose and to be measured takes {WINDOWS}"
            f" windows of {predictor.days} days: {wanted_days:,}. A shorter window needs less."
        )
    if happened < FEWEST:
        found.append(
            f"Only {happened:,} people {did(predictor)} in the last {predictor.days} days; {FEWEST} are needed."
        )
    elif people - happened < FEWEST:
        found.append(f"Nearly everybody {did(predictor)}: {FEWEST} people of whom it did not come true are needed.")
    return found
