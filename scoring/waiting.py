"""People whose scores cannot wait for the next scoring of everybody: newcomers, and people who were merged or parted.

The pipeline names them in a queue of this reader's own. A newcomer gets a cold score within a second; of merged people,
and of those who came with a history, the features are read, a little later, so that this holds up nothing.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

import numpy as np
from django.db import connection, transaction

from cdp.common.copying import Cursor, copy_rows, numbers
from cdp.profiles.models import Touched
from cdp.profiles.touched import EVERYBODY, FIRST, REGROUPED, claim
from scoring.chunks import Said
from scoring.loaded import model_of
from scoring.models import Predictor
from scoring.newcomers import newcomers
from scoring.populations import people_now
from scoring.predict import score_people, write_people
from scoring.standing import Standing, standings
from scoring.whose import People

READER, LATER = "scores", "scores later"
FACTS = frozenset({FIRST, *REGROUPED})
CLAIM, CLAIM_LATER = 1_000, 500
FEW_EVENTS = 5
"""Up to so many a person is a newcomer."""
COLD_KINDS = frozenset(Predictor.Kind) - {Predictor.Kind.NEXT_ORDER}
_LACKING = """
select p.id, coalesce((select sum(s.n) from events_eventstate s where s.profile_id = p.id), 0)
  from profiles_profile p
 where p.id = any(%s::bigint[]) and p.merged_into is null
   and (select count(*) from scoring_score c where c.profile_id = p.id and c.predictor_id = any(%s)) < %s
"""
_SCORED = "select predictor_id, profile_id from scoring_score where profile_id = any(%s::bigint[])"


def is_waiting(reader: str = READER) -> bool:
    return Touched.objects.filter(reader=reader).exists()


def score_newcomers(*, now: datetime) -> int:
    """One claim. Returns its size."""
    with transaction.atomic(), connection.cursor() as cursor:
        claimed = [(profile_id, names) for profile_id, _, names in claim(cursor, READER, limit=CLAIM)]
        held = standings()
        if not held:
            return len(claimed)
        regrouped = {profile_id for profile_id, names in claimed if REGROUPED.intersection(names)} - {EVERYBODY}
        few, many = _newcomers(cursor, {profile_id for profile_id, _ in claimed} - regrouped - {EVERYBODY}, held)
        _score_cold(cursor, few, held, now=now)
        later = sorted(regrouped | many)
        copy_rows(cursor, "profiles_touched", ("reader", "profile_id", "names", "at"), _rows(later, now))
        return len(claimed)


def score_later(*, now: datetime) -> int:
    """One claim of those whose features are read."""
    with transaction.atomic(), connection.cursor() as cursor:
        claimed = claim(cursor, LATER, limit=CLAIM_LATER)
        score_people({profile_id for profile_id, _, _ in claimed}, now=now)
        return len(claimed)


def _rows(profile_ids: Iterable[int], now: datetime) -> Iterable[tuple[str, int, str, datetime]]:
    return ((LATER, profile_id, "[]", now) for profile_id in profile_ids)


def _newcomers(cursor: Cursor, profile_ids: Collection[int], held: list[Standing]) -> tuple[set[int], set[int]]:
    """Of those who lack a score: who did little so far, and who did much."""
    cursor.execute(_LACKING, [numbers(profile_ids), [one.predictor.pk for one in held], len(held)])
    found = cursor.fetchall()
    few = {profile_id for profile_id, n in found if n <= FEW_EVENTS}
    return few, {profile_id for profile_id, _ in found} - few


def _score_cold(cursor: Cursor, profile_ids: Collection[int], held: list[Standing], *, now: datetime) -> None:
    """By each predictor that asks about them and has no score of them yet."""
    known = newcomers(profile_ids, now)
    cursor.execute(_SCORED, [numbers(known)])
    scored = set(cursor.fetchall())
    people = People.of(sorted(known))
    lots, concerned = [], set[int]()
    for one in held if known else ():
        if one.predictor.kind in COLD_KINDS:
            asked = people_now(one.predictor, now, people=people, usual_days=one.usual_days).tolist()
            ids = [pk for pk in asked if pk in known and (one.predictor.pk, pk) not in scored]
            values = model_of(one.model_id).cold([known[pk] for pk in ids])
            lots.append(one.lot(Said(np.array(ids, dtype=np.int64), values), is_cold=True))
            concerned.update(ids)
    if concerned:
        write_people(lots, concerned, now=now, adding=True)
