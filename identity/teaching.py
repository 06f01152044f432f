"""Stewards' decisions correct the parameters in force, between two full passes."""

from dataclasses import asdict, replace
from datetime import datetime

from django.db import connection, transaction

from identity import match_models
from identity.decisions import count_since, read_decisions
from identity.incremental import lock_matching
from identity.learn import Learned, learn
from identity.models import MatchModel
from identity.rule_sets import current

ENOUGH = 25
"""New decisions after which it is worth learning again."""


def learn_if_due(*, now: datetime) -> Learned | None:
    """None if too few decisions were made since the parameters in force were learned. Before the first full pass there
    is nothing to correct."""
    newest = MatchModel.objects.filter(is_active=True).order_by("-id").first()
    if newest is None or count_since(newest.at) < ENOUGH:
        return None
    with connection.cursor() as cursor:
        taught = learn(read_decisions(cursor), threshold=current(cursor).fuzzy.link)
        with transaction.atomic():
            lock_matching(cursor)
            in_force = match_models.active(cursor)
            if in_force.id != newest.pk or in_force.known is None:
                return None
            learned_from = {
                **newest.learned_from,
                "decisions": taught.decisions,
                "learning": {**asdict(taught), "correction": None},
            }
            known = replace(in_force.known, correction=taught.correction)
            match_models.store(cursor, known, learned_from=learned_from, quality=newest.quality, now=now)
    return taught
