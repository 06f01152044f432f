"""Who is asked: the people whom a predictor's question makes sense for, as of a moment."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Protocol

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from cdp.rules.sql import Sql, fill
from scoring.binary import read_packed
from scoring.feature_columns import SENT
from scoring.models import Predictor
from scoring.past import held
from scoring.past_rules import members, members_now
from scoring.rhythm import USUAL_DAYS, Rhythm, rhythm, usual_gap
from scoring.whose import EVERYBODY, People

Ids = NDArray[np.int64]
Kind = Predictor.Kind


class Holding(Protocol):
    """Whom a rule holds for, of `people`: ascending ids."""

    def __call__(self, rule: object, *, people: People) -> Ids: ...


_ACTIVE = (
    "select p.id from profiles_profile p where p.merged_into is null and {of_people}{share} and exists"
    " (select 1 from events_eventstate s where s.profile_id = p.id and s.first_at <= {moment}{names}) order by 1"
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
    usual = usual_gap(moment) if needs_usual_gap(predictor) else USUAL_DAYS
    found = _narrowed(
        predictor, found, partial(members, moment=moment), lambda: rhythm(moment, usual=usual, people=people), people
    )
    return found if most is None or len(found) <= most else _some(found, most, seed)


def people_now(predictor: Predictor, now: datetime, *, people: People, usual_days: float) -> Ids:
    """The same at the moment itself, of `people`: rules read the tables as they are, which is what makes it fast for
    one person. `usual_days`: everybody's usual gap, where `needs_usual_gap`."""
    found = _active(predictor, now, people=people, share=1.0, seed=0)
    return _narrowed(
        predictor, found, partial(members_now, now=now), lambda: rhythm(now, usual=usual_days, people=people), people
    )


def needs_usual_gap(predictor: Predictor) -> bool:
    return predictor.kind == Kind.LAPSE or (predictor.kind == Kind.CHURN and predictor.population is None)


def _narrowed(
    predictor: Predictor, found: Ids, holding: Holding, rhythm_of: Callable[[], Rhythm], people: People
) -> Ids:
    others = []
    if predictor.population is not None:
        others.append(holding(predictor.population, people=people))
    match Kind(predictor.kind):
        case Kind.CHURN if predictor.population is None:
            known = rhythm_of()
            others.append(known.profile_ids[known.silent_days <= np.maximum(predictor.days, 2 * known.usual_days)])
        case Kind.LAPSE:
            known = rhythm_of()
            others.append(known.profile_ids[known.silent_days <= known.horizon(predictor.days)])
        case Kind.CHURN | Kind.NEXT_ORDER:
            others.append(rhythm_of().profile_ids)
        case _:
            pass
    for other in others:
        found = np.intersect1d(found, other, assume_unique=True)
    if Kind(predictor.kind) is Kind.RULE and predictor.target is not None and len(found):
        found = np.setdiff1d(found, holding(predictor.target, people=_among(found, people)), assume_unique=True)
    return found


def _active(predictor: Predictor, moment: datetime, *, people: People, share: float, seed: int) -> Ids:
    """With an event by then; asked about messages: who got one."""
    is_message = Kind(predictor.kind) in (Kind.OPEN, Kind.CLICK)
    asked = fill(
        _ACTIVE,
        of_people=people.narrowed("p.id"),
        share=_share(share, seed),
        moment=Sql("%s::timestamptz", (moment,)),
        names=Sql(" and s.name = any(%s)", (list(SENT),)) if is_message else Sql(""),
    )
    with transaction.atomic(), connection.cursor() as cursor:
        past = held(cursor, moment, people=people)
        return read_packed(cursor, past.before(["profiles_profile"], asked))


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
