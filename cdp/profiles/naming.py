"""What a person is called where people read: their name, else an address, else a short id."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cdp.profiles.models import Profile


@dataclass(frozen=True)
class Person:
    """`uuid` leads to the profile page."""

    uuid: UUID
    name: str


def name_of(traits: Mapping[str, Any], uuid: UUID) -> str:
    given, family = _text(traits, "firstName", "first_name"), _text(traits, "lastName", "last_name")
    whole = _text(traits, "name") or f"{given} {family}".strip()
    return whole or _text(traits, "email", "phone") or f"Person {str(uuid)[:8]}"


def people(profile_ids: Iterable[int]) -> dict[int, Person]:
    """By profile id, in one query."""
    rows = Profile.objects.filter(pk__in=list(profile_ids)).values_list("pk", "uuid", "traits")
    return {pk: Person(uuid, name_of(traits, uuid)) for pk, uuid, traits in rows}


def _text(traits: Mapping[str, Any], *names: str) -> str:
    return next((str(traits[name]).strip()[:120] for name in names if isinstance(traits.get(name), str)), "")
