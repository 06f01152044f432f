"""Scores where messages speak of them: of many people at once, in one statement."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from cdp.common.copying import numbers

_SCORES = """
select s.profile_id, p.id, p.name, s.value, s.percentile, s.band, s.expected_at
  from scoring_score s join scoring_predictor p on p.id = s.predictor_id and p.archived_at is null
 where s.profile_id = any(%s::bigint[]) and s.scored_at <= %s and (%s or p.id = any(%s::bigint[]))
"""


@dataclass(frozen=True)
class Told:
    """A score as a message sees it."""

    predictor_id: int
    value: float
    percentile: float
    band: str
    expected_at: datetime | None


def scores_of(
    profile_ids: Collection[int], *, now: datetime, predictor_ids: Collection[int] | None = None
) -> dict[int, Mapping[str, Told]]:
    """Profile id → name of the predictor → what it says, as known by `now`; an entry for each of them, empty where
    nothing is said. `predictor_ids`: of these alone."""
    found: dict[int, dict[str, Told]] = {profile_id: {} for profile_id in profile_ids}
    if found:
        with connection.cursor() as cursor:
            cursor.execute(_SCORES, [numbers(sorted(found)), now, predictor_ids is None, numbers(predictor_ids or ())])
            for profile_id, predictor_id, name, *said in cursor.fetchall():
                found[profile_id][name] = Told(predictor_id, *said)
    return dict(found)
