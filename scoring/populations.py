"""Who is asked: the people whom a predictor's question makes sense for, as of a moment."""

from datetime import datetime

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from cdp.rules.sql import Sql, fill
from scoring.binary import read_numbers
from scoring.feature_columns import SENT
from scoring.models import Predictor
from scoring.past import held
from scoring.past_rules import members
from scoring.rhythm import Rhythm, rhythm, usual_gap
from scoring.whose import EVERYBODY, People

Ids = NDArray[np.int64]
Kind = Predictor.Kind
_ACTIVE = (
    "known as (select p.id from profiles_profile p where p.merged_into is null and {of_people}{share} and exists"
    " (select 1 from events_eventstate s where s.profile_id = p.id and s.first_at <= {moment}{names}))"
    " select k.id::float8 from known k order by {order}{limited}"
)
"""The state says when something was first done: the same then as now."""


def people_as_of(
    predictor: Predictor,
    moment: datetime,
    *,
    share: float = 1.0,
    most: int | None = None,
    seed: int = 0,
    people: People = EVERYBODY,
) -> Ids:
    """Ascending ids. `share` and `most` take some of them by chance, always the same ones for a seed.

    Raises RuleError where the population's rule asks for what is not known of the past.
    """
    found = _active(predictor, moment, people=people, share=share, seed=seed)
    for others in _narrowings(predictor, moment, people):
        found = np.intersect1d(found, others, assume_unique=True)
    if Kind(predictor.kind) is Kind.RULE and predictor.target is not None and len(found):
        found = np.setdiff1d(found, members(predictor.target, moment, people=_among(found, people)), assume_unique=True)
    return found if most is None or len(found) <= most else _some(found, most, seed)


def _narrowings(predictor: Predictor, moment: datetime, people: People) -> list[Ids]:
    found = []
    if predictor.population is not None:
        found.append(members(predictor.population, moment, people=people))
    match Kind(predictor.kind):
        case Kind.CHURN if predictor.population is None:
            known = _rhythm(moment, people)
            found.append(known.profile_ids[known.silent_days <= np.maximum(predictor.days, 2 * known.usual_days)])
        case Kind.LAPSE:
            known = _rhythm(moment, people)
            found.append(known.profile_ids[known.silent_days <= known.horizon(predictor.days)])
        case Kind.CHURN | Kind.NEXT_ORDER:
            found.append(_rhythm(moment, people).profile_ids)
        case _:
            pass
    return found


def _rhythm(moment: datetime, people: People) -> Rhythm:
    return rhythm(moment, usual=usual_gap(moment), people=people)


def _active(predictor: Predictor, moment: datetime, *, people: People, share: float, seed: int) -> Ids:
    """With an event by then; asked about messages: who got one."""
    is_message = Kind(predictor.kind) in (Kind.OPEN, Kind.CLICK)
    asked = fill(
        _ACTIVE,
        of_people=people.narrowed("p.id"),
        share=_share(share, seed),
        moment=Sql("%s::timestamptz", (moment,)),
        names=Sql(" and s.name = any(%s)", (list(SENT),)) if is_message else Sql(""),
        order=Sql("k.id"),
        limited=Sql(""),
    )
    with transaction.atomic(), connection.cursor() as cursor:
        past = held(cursor, moment, people=people)
        return read_numbers(cursor, past.before(["profiles_profile"], asked))[:, 0].astype(np.int64)


def _share(share: float, seed: int) -> Sql:
    if share >= 1:
        return Sql("")
    return Sql(" and (hashint8extended(p.id, %s) & 1048575) < %s", (seed, round(share * 1_048_576)))


def _among(found: Ids, people: People) -> People:
    """Few are asked about by their ids."""
    return People.of(found.tolist()) if len(found) <= MOST_IDS else people


MOST_IDS = 50_000


def _some(found: Ids, most: int, seed: int) -> Ids:
    picked: Ids = np.sort(np.random.default_rng(seed).choice(found, most, replace=False))
    return picked
