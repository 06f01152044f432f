"""Scores single people now, by the version and the percentiles of the latest scoring of everybody."""

from collections.abc import Collection, Sequence
from datetime import datetime

import numpy as np
from django.db import connection, transaction

from cdp.events.models import InboxBatch
from cdp.profiles.touched import touch
from scoring.announce import announce
from scoring.answers import answers, wanted_of
from scoring.columns import FeatureTable
from scoring.features import features_of
from scoring.lots import Ids, Lot
from scoring.populations import people_now
from scoring.standing import Standing, standings
from scoring.whose import People
from scoring.write import NOBODY, Written, of_people, write


def score_people(
    profile_ids: Collection[int], *, now: datetime, predictor_ids: Collection[int] | None = None
) -> list[Lot]:
    """Their scores by each predictor in use, or of these; who is not asked any more loses the score. Ringing for
    segments is the caller's."""
    held = standings(predictor_ids)
    if not held or not profile_ids:
        return []
    people = People.of(sorted(profile_ids))
    table = features_of(people, now, wanted=wanted_of(one.predictor for one in held))
    lots = [said_of(one, table, people, now=now) for one in held]
    write_people(lots, profile_ids, now=now)
    return lots


def said_of(one: Standing, table: FeatureTable, people: People, *, now: datetime) -> Lot:
    """Of those whom the predictor is about."""
    asked = asked_of(table, people_now(one.predictor, now, people=people, usual_days=one.usual_days))
    return one.lot(answers(one.predictor, one.model_id, asked, now=now))


def asked_of(table: FeatureTable, asked: Ids) -> FeatureTable:
    return table.rows(np.isin(table.profile_ids, asked, assume_unique=True))


def write_people(lots: Sequence[Lot], profile_ids: Collection[int], *, now: datetime, adding: bool = False) -> Written:
    """With their news, and what follows scores is told of them. `adding`: nobody loses a score."""
    with transaction.atomic(), connection.cursor() as cursor:
        written = write(cursor, lots, of=NOBODY if adding else of_people(profile_ids), now=now)
        announce(written.changes, lane=InboxBatch.Lane.LIVE, now=now)
        facts = {f"score:{lot.predictor_id}" for lot in lots}
        touch(cursor, dict.fromkeys(sorted(profile_ids), facts), now=now)
    return written
