"""What a change of groups would do, told by doing it and taking it back. Apps above declare what they look at."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from cdp.common.copying import numbers
from identity.by_hand import Outcome

Read = Callable[[Sequence[int], datetime], dict[int, list[str]]]
"""For each of these profiles, what is true of it, in words a steward reads."""

_effects: dict[str, Read] = {}


@dataclass(frozen=True, slots=True)
class Facts:
    """A profile at one moment. `effects`: what each declared reader says of it."""

    profile_id: int
    uuid: UUID
    traits: dict[str, Any]
    effects: dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Trial:
    """The profiles concerned before and after; nothing was kept of it."""

    outcome: Outcome
    before: list[Facts]
    after: list[Facts]


class _TakenBack(Exception):
    pass


def declare(label: str, read: Read) -> None:
    _effects[label] = read


def trial(change: Callable[[], Outcome], *, profile_ids: Sequence[int], now: datetime) -> Trial:
    """Raises what the change raises. Holds the identity lock as long as the change itself would."""
    tried: list[Trial] = []
    try:
        with transaction.atomic():
            before = _facts(profile_ids, now=now)
            outcome = change()
            after = _facts(outcome.profile_ids, now=now)
            tried.append(Trial(outcome, before, after))
            raise _TakenBack
    except _TakenBack:
        return tried[0]


def _facts(profile_ids: Sequence[int], *, now: datetime) -> list[Facts]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select id, uuid, traits::text from profiles_profile where id = any(%s::bigint[]) and merged_into is null"
            " order by id",
            [numbers(profile_ids)],
        )
        rows = cursor.fetchall()
    said = {label: read([row[0] for row in rows], now) for label, read in _effects.items()}
    return [
        Facts(profile, uuid, json.loads(traits), {label: of.get(profile, []) for label, of in said.items()})
        for profile, uuid, traits in rows
    ]
