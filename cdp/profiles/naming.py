"""What a person is called where people read: their name, else an address, else a short id."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cdp.profiles.models import Identifier, Profile

RANK = {"email": 0, "phone": 1, "user_id": 2}


@dataclass(frozen=True)
class Person:
    """`uuid` leads to the profile page."""

    uuid: UUID
    name: str


def name_of(traits: Mapping[str, Any], uuid: UUID) -> str:
    given, family = _text(traits, "firstName", "first_name"), _text(traits, "lastName", "last_name")
    whole = _text(traits, "name") or f"{given} {family}".strip()
    return whole or _text(traits, "email", "phone") or f"Person {str(uuid)[:8]}"


def best_name(profile: Profile, identifiers: Iterable[Identifier]) -> str:
    """The name, else the clearest identifier; a visitor who gave none is called by the end of the anonymous id."""
    named = name_of(profile.traits, profile.uuid)
    if not named.startswith("Person "):
        return named
    ranked = clearest(identifiers)
    if not ranked:
        return named
    first = ranked[0]
    return first.value[:120] if first.namespace in RANK else f"Visitor {first.value[-6:]}"


def clearest(identifiers: Iterable[Identifier]) -> list[Identifier]:
    """Each value once, whoever saw it; what people recognise comes first."""
    once = {(one.namespace, one.value): one for one in identifiers}
    return sorted(once.values(), key=lambda one: (RANK.get(one.namespace, 3), one.namespace, one.value))


def people(profile_ids: Iterable[int]) -> dict[int, Person]:
    """By profile id, in one query."""
    rows = Profile.objects.filter(pk__in=list(profile_ids)).values_list("pk", "uuid", "traits")
    return {pk: Person(uuid, name_of(traits, uuid)) for pk, uuid, traits in rows}


def _text(traits: Mapping[str, Any], *names: str) -> str:
    return next((str(traits[name]).strip()[:120] for name in names if isinstance(traits.get(name), str)), "")
