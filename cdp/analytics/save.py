"""Makes, changes and removes computed traits. The caller rings for the full recomputation."""

import re
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from cdp.accounts.models import User
from cdp.analytics.definition import Definition, parse_definition
from cdp.analytics.effects import Use, uses
from cdp.analytics.load import known_traits, load, refuse_circle
from cdp.analytics.models import ComputedTrait
from cdp.analytics.write import lock
from cdp.profiles.touched import touch_everybody
from cdp.rules.fields import RuleError

KEY = re.compile(r"[a-z][a-z0-9_]{0,59}")


class StillUsed(Exception):
    """Segments or other traits are made of it. Change them first."""


class TakenKey(Exception):
    """Another computed trait has this key."""


def create(
    key: str, *, label: str, definition: Any, by: User | None, now: datetime, description: str = ""
) -> ComputedTrait:
    """Raises RuleError, TakenKey."""
    if not KEY.fullmatch(key):
        raise RuleError("key", "must be small letters, digits and _, at most 60, beginning with a letter")
    found = parse_definition(definition, known_traits())
    if ComputedTrait.objects.filter(key=key, is_removed=False).exists():
        raise TakenKey
    return ComputedTrait.objects.create(
        key=key, label=label, description=description, definition=definition, created_by=by,
        created_at=now, changed_at=now, **_following(found),
    )  # fmt: skip


def change(trait: ComputedTrait, *, label: str, definition: Any, now: datetime, description: str = "") -> None:
    """Raises RuleError; StillUsed if its type would be another and rules compare with it."""
    found = parse_definition(definition, known_traits())
    refuse_circle(trait.key, found)
    with transaction.atomic(), connection.cursor() as cursor:
        lock(cursor)
        row = ComputedTrait.objects.select_for_update().get(pk=trait.pk)
        if row.type != found.type and (using := used_by(row)):
            raise StillUsed(", ".join(one.name for one in using))
        is_other = row.definition != definition
        row.label, row.description, row.definition, row.changed_at = label, description, definition, now
        row.is_stale = row.is_stale or is_other
        for name, value in _following(found).items():
            setattr(row, name, value)
        row.save()
        if is_other:
            touch_everybody(cursor, [row.fact], now=now)


def switch(trait: ComputedTrait, *, is_on: bool, now: datetime) -> None:
    """Off, it keeps no values and rules cannot name it. Raises StillUsed."""
    if not is_on:
        _refuse_used(trait)
    ComputedTrait.objects.filter(pk=trait.pk).update(is_on=is_on, is_stale=True, as_of=None, changed_at=now)


def remove(trait: ComputedTrait, *, now: datetime) -> None:
    """Raises StillUsed. Its values go in the background; the key is free at once."""
    _refuse_used(trait)
    ComputedTrait.objects.filter(pk=trait.pk).update(is_removed=True, is_on=False, changed_at=now)


def used_by(trait: ComputedTrait) -> list[Use]:
    """Other computed traits and whatever apps above declare."""
    traits = [
        Use(one.trait.label, "analytics:trait", one.trait.pk) for one in load() if trait.key in one.definition.parents
    ]
    return traits + uses().get(trait.key, [])


def _refuse_used(trait: ComputedTrait) -> None:
    if using := used_by(trait):
        raise StillUsed(", ".join(one.name for one in using))


def _following(found: Definition) -> dict[str, Any]:
    half_life = found.half_life
    return {
        "type": found.type,
        "is_zero_without": found.is_zero_without,
        "half_life_days": half_life / timedelta(days=1) if half_life else None,
    }
