"""The window's people by segment, as the segment's rule would have put them then."""

from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from cdp.rules.fields import RuleError
from scoring.artefact import Model
from scoring.past_rules import members
from scoring.quality import Group
from scoring.training.measure import group
from scoring.training.windows import Window
from scoring.whose import People
from segments.models import Segment

LARGEST = 8
SHOWN = 5
FEWEST_PEOPLE = 30


def groups_of(model: Model, window: Window) -> tuple[Group, ...]:
    """Of today's largest segments. Membership is looked up as of the window's beginning: who is in “bought lately”
    today would be so because of what the window was to foretell. Segments whose rule cannot be told of the past are
    left out."""
    said = model.probabilities(window.table)
    found: list[Group] = []
    for segment in Segment.objects.filter(size__gt=0).order_by("-size", "id")[:LARGEST]:
        inside = _inside(segment, window.moment, window.table.profile_ids.tolist())
        which = np.isin(window.table.profile_ids, inside)
        if FEWEST_PEOPLE <= which.sum() < len(which) and len(found) < SHOWN:
            found.append(group(segment.name, window.happened[which], said[which]))
    return tuple(found)


def _inside(segment: Segment, moment: datetime, ids: list[int]) -> NDArray[np.int64]:
    try:
        return members(segment.rule, moment, people=People.of(ids))
    except RuleError:
        return np.empty(0, dtype=np.int64)
