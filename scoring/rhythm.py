"""How often people order: everybody's usual gap, and how long a silence is still usual for one person."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from cdp.rules.sql import Sql, fill
from scoring.binary import read_numbers
from scoring.columns import Numbers
from scoring.past import held
from scoring.whose import EVERYBODY, People

USUAL_DAYS = 30.0
"""Where nobody has ordered on two days yet."""
WEIGHT = 3
"""Everybody's gap counts as so many gaps of one's own."""
LEAST_DAYS = 14.0
TIMES = 2.0
_GAPS = (
    "gaps as (select o.profile_id, o.ordered_at, (o.ordered_at at time zone 'UTC')::date"
    " - lag((o.ordered_at at time zone 'UTC')::date) over (partition by o.profile_id order by o.ordered_at) as gap"
    " from events_order o where not o.is_cancelled and o.ordered_at is not null and {of_people})"
)
_USUAL = (
    " select coalesce(percentile_cont(0.5) within group (order by gap), {otherwise})::float8 from gaps where gap > 0"
)
_OWN = (
    "select profile_id::float8, count(*) filter (where gap > 0)::float8,"
    " coalesce(percentile_cont(0.5) within group (order by gap) filter (where gap > 0), 0)::float8,"
    " (extract(epoch from {moment} - max(ordered_at)) / 86400)::float8 from gaps group by 1 order by 1"
)


@dataclass(frozen=True)
class Rhythm:
    """Of those who have ordered, by ascending id."""

    profile_ids: NDArray[np.int64]
    silent_days: Numbers
    usual_days: Numbers
    """Their own usual gap, shrunk towards everybody's."""

    def horizon(self, days: int) -> Numbers:
        """After how many days of silence they count as gone."""
        longest: Numbers = np.minimum(days, np.maximum(LEAST_DAYS, TIMES * self.usual_days))
        return longest


def usual_gap(moment: datetime) -> float:
    """The median of all days between two orders of one person, as of then."""
    return float(_read(moment, _USUAL, EVERYBODY, columns=1)[0, 0])


def rhythm(moment: datetime, *, usual: float, people: People = EVERYBODY) -> Rhythm:
    """`usual`: everybody's gap."""
    ids, gaps, own, silent = _read(moment, _OWN, people, columns=4).T
    return Rhythm(ids.astype(np.int64), silent, (gaps * own + WEIGHT * usual) / (gaps + WEIGHT))


def _read(moment: datetime, selected: str, people: People, *, columns: int) -> Numbers:
    gaps = fill(_GAPS, of_people=people.narrowed("o.profile_id"))
    asked = fill(selected, otherwise=USUAL_DAYS, moment=Sql("%s::timestamptz", (moment,)))
    with transaction.atomic(), connection.cursor() as cursor:
        past = held(cursor, moment, people=people)
        return read_numbers(cursor, past.before(["events_order"], asked, named=gaps), columns=columns)
