"""A person as of any time, folded from the changes."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from cdp.profiles.models import Identifier, Profile, Record
from cdp.profiles.naming import clearest


@dataclass(frozen=True)
class TraitThen:
    """A trait as it was, since when, and what had made it so."""

    name: str
    value: Any
    since: datetime
    cause: str
    record_id: int | None


@dataclass(frozen=True)
class AsOf:
    at: datetime
    traits: list[TraitThen]
    identifiers: list[Identifier]
    records: int
    is_known: bool
    """Whether the person had been seen by then."""


FOLD = """
select distinct on (what) what, new::text, at, cause, record_id from (
  select *, max(at) over (partition by what order by id) as in_effect_at
    from profiles_profilechange where profile_id = %s) c
 where in_effect_at <= %s order by what, id desc
"""
"""Changes were written in the order in which they took effect; each is dated by the word that caused it. A word that
arrived late is dated before a change that was already there: it took effect no earlier than that."""


def as_of(profile: Profile, at: datetime) -> AsOf:
    """What was known of the person by then. People who were merged into this one later were others then."""
    with connection.cursor() as cursor:
        cursor.execute(FOLD, [profile.pk, at])
        rows = cursor.fetchall()
    traits = [
        TraitThen(name, json.loads(value), since, cause, record_id)
        for name, value, since, cause, record_id in rows
        if value is not None and not name.startswith("@")
    ]
    identifiers = Identifier.objects.filter(profile_id=profile.pk, first_seen_at__lte=at)
    records = Record.objects.filter(profile_id=profile.pk, first_seen_at__lte=at).count()
    return AsOf(at, traits, clearest(identifiers), records, profile.first_seen_at <= at)
