"""What drift will be measured from: how people looked, and what a new version says of them, over the last year."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from scoring.columns import FeatureTable, Numbers
from scoring.features import Wanted, features_as_of
from scoring.models import Predictor
from scoring.populations import Ids, people_as_of
from scoring.watching.spread import Moment, reference_of

APART = timedelta(days=28)
MOMENTS = 14
"""One more than a year of them: so every season is held, and today's beside last year's."""
PEOPLE = 2_000
"""At each moment: a share is then known to two points, and what luck makes of that is subtracted."""
FEWEST = 50

Read = Callable[[datetime, Ids], FeatureTable]
Says = Callable[[FeatureTable, datetime], Numbers]


def learn_reference(
    predictor: Predictor, says: Says, *, now: datetime, seed: int, read: Read, moments: int = MOMENTS
) -> dict[str, Any]:
    """`says`: the new version's scores. `read`: the features of people as of a moment. Empty where there are too few
    people to compare with."""
    found = []
    for back in range(moments):
        at = now - back * APART
        ids = people_as_of(predictor, at, most=PEOPLE, seed=seed)
        if len(ids) < FEWEST:
            break
        table = read(at, ids)
        found.append(Moment(at, table, says(table, at)))
    return reference_of(found) if found else {}


def features_reader(wanted: Wanted) -> Read:
    """Of predictors that learn from the features."""

    def read(moment: datetime, ids: Ids) -> FeatureTable:
        return features_as_of(moment, wanted=wanted, ids=ids.tolist())

    return read
