"""What a run keeps of how its people and scores were spread: the fields of ScoringRun that the watch reads."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict

import numpy as np

from scoring.watching.psi import drift, drifted
from scoring.watching.spread import Spread, added, shares_of

Stretch = Mapping[str, Sequence[int]]
"""Counts of a stretch of people, as JSON keeps them."""


class Seen(TypedDict):
    spread: Spread
    drift: dict[str, float]
    is_drifted: bool


def seen_of(stretches: Sequence[Stretch], *, reference: Mapping[str, Any], at: datetime) -> Seen:
    """Of all stretches of a run together: `ScoringRun(**seen_of(…))`."""
    total = added([{name: np.array(n, dtype=np.int64) for name, n in one.items()} for one in stretches])
    spread = shares_of(total)
    people = max((int(n.sum()) for n in total.values()), default=0)
    found = drift(reference, spread, people=people, at=at)
    return Seen(spread=spread, drift=found, is_drifted=bool(drifted(found)))
