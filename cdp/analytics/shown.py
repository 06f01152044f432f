"""Values as people read them, as of a moment."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from cdp.analytics.definition import Known, Type, known_of
from cdp.analytics.models import ComputedTrait, ComputedValue
from cdp.analytics.points import score

DAY = timedelta(days=1)
DIGITS = 4


@dataclass(frozen=True)
class Shown:
    trait: ComputedTrait
    value: Any
    """A number, text, time or list; days since as a number of days; a decaying score as it is now."""
    text: str


def value_now(trait: Known, stored: Any, *, now: datetime) -> Any:
    """What is stored, as of now: in JSON's types, times as datetimes."""
    if stored is None:
        return 0 if trait.is_zero_without else None
    if trait.type is Type.DURATION:
        return round((now - stored) / DAY, 2)
    if trait.half_life:
        return round(score(stored, now=now, half_life=trait.half_life), DIGITS)
    if isinstance(stored, Decimal):
        return int(stored) if stored == stored.to_integral_value() else round(float(stored), DIGITS)
    return stored


def text_of(trait: Known, stored: Any, *, now: datetime) -> str:
    value = value_now(trait, stored, now=now)
    if value is None:
        return "–"
    if trait.type is Type.DURATION:
        return f"{value:,.1f} days"
    if isinstance(value, int | float):
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return f"{value:%Y-%m-%d %H:%M} UTC" if isinstance(value, datetime) else str(value)


def of_person(profile_id: int, *, now: datetime) -> list[Shown]:
    """Of every trait that is on; those that are unknown of the person come last."""
    rows = {row.trait_id: row for row in ComputedValue.objects.filter(profile_id=profile_id)}
    traits = ComputedTrait.objects.filter(is_on=True, is_removed=False).order_by("id")
    found = [_shown(trait, rows.get(trait.pk), now=now) for trait in traits]
    return sorted(found, key=lambda one: one.value is None)


def of_people(trait: ComputedTrait, profile_ids: Iterable[int], *, now: datetime) -> dict[int, Shown]:
    rows = ComputedValue.objects.filter(trait_id=trait.pk, profile_id__in=list(profile_ids))
    return {row.profile_id: _shown(trait, row, now=now) for row in rows}


def _shown(trait: ComputedTrait, row: ComputedValue | None, *, now: datetime) -> Shown:
    known = known_of(trait)
    stored = None if row is None else getattr(row, known.column)
    return Shown(trait, value_now(known, stored, now=now), text_of(known, stored, now=now))
