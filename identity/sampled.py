"""Sampled sets of people drawn: who they are today, record by record, and who they would be."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cdp.accounts.models import Source
from cdp.profiles.models import Identifier, Profile, Record
from cdp.profiles.naming import RANK, Person, name_of

IDENTIFIERS = 3


@dataclass(frozen=True, slots=True)
class Part:
    """A record: the source that knows it, and the identifiers that count most. `person`: whose it is today."""

    source: str
    identifiers: list[Identifier]
    person: Person | None


@dataclass(frozen=True, slots=True)
class Drawn:
    """One person, today or as they would be. `more` records are not drawn."""

    names: list[Person]
    parts: list[Part]
    more: int


@dataclass(frozen=True, slots=True)
class Set:
    before: list[Drawn]
    after: list[Drawn]


def drawn(samples: Iterable[Mapping[str, Any]]) -> list[Set]:
    """`samples` as identity.rule_jobs keeps them. Records that were erased since are left out."""
    kept = list(samples)
    parts = _parts({record for one in kept for side in one.values() for group in side for record in group["records"]})
    return [Set(_side(one["before"], parts), _side(one["after"], parts)) for one in kept]


def _side(groups: Sequence[Mapping[str, Any]], parts: Mapping[int, Part]) -> list[Drawn]:
    found = []
    for group in groups:
        own = [parts[record] for record in group["records"] if record in parts]
        names = list(dict.fromkeys(part.person for part in own if part.person))
        found.append(Drawn(names, own, group["size"] - len(group["records"])))
    return found


def _parts(record_ids: Iterable[int]) -> dict[int, Part]:
    records = list(Record.objects.filter(pk__in=list(record_ids)).defer("traits"))
    profiles = {one.pk: one for one in Profile.objects.filter(pk__in={record.profile_id for record in records})}
    identifiers: dict[int, list[Identifier]] = {}
    for edge in Identifier.objects.filter(record_id__in=[record.pk for record in records]).order_by("id"):
        identifiers.setdefault(edge.record_id, []).append(edge)
    people = {pk: _person(one, identifiers, records) for pk, one in profiles.items()}
    sources = dict(Source.objects.values_list("id", "name"))
    return {
        one.pk: Part(
            sources.get(one.source_id, "a source that is gone"),
            _clearest(identifiers.get(one.pk, [])),
            people.get(one.profile_id),
        )
        for one in records
    }


def _person(profile: Profile, identifiers: Mapping[int, list[Identifier]], records: Sequence[Record]) -> Person:
    """By name; who has none is called by the clearest identifier."""
    name = name_of(profile.traits, profile.uuid)
    if name.startswith("Person "):
        own = [edge for one in records if one.profile_id == profile.pk for edge in identifiers.get(one.pk, [])]
        name = next((edge.value[:60] for edge in _clearest(own)), name)
    return Person(profile.uuid, name)


def _clearest(edges: Iterable[Identifier]) -> list[Identifier]:
    return sorted(edges, key=lambda one: (RANK.get(one.namespace, 3), one.namespace, one.value))[:IDENTIFIERS]
