"""Two people beside each other: each trait with its source and date, and how alike the two words are."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from cdp.accounts.models import Source
from cdp.common.templatetags.look import namespace, said
from cdp.profiles import rules
from cdp.profiles.models import Identifier, Profile, Record
from cdp.profiles.naming import best_name
from cdp.profiles.opinions import GONE, Opinion, opinions
from identity.evidence import Likeness
from identity.likeness import Part, likeness, parts

LONGEST = 300
MOST_ROWS = 60
MOST_VALUES = 6
FIRST = (
    *("name", "firstName", "first_name", "lastName", "last_name", "email", "phone", "birthday", "birth_date"),
    *("gender", "company", "address", "street", "postcode", "zip", "city", "state", "country"),
)
"""What tells people apart comes first; the rest by name."""
LONG_TERM = ("user_id", "email", "phone")


@dataclass(frozen=True)
class Side:
    profile: Profile
    name: str
    records: list[tuple[Record, str]]
    """With the names of their sources."""
    identifiers: list[Identifier]
    opinions: dict[str, Opinion]

    @property
    def sources(self) -> list[str]:
        return list(dict.fromkeys(source for _, source in self.records))


@dataclass(frozen=True)
class Cell:
    text: str
    parts: list[Part]
    source: str = ""
    at: datetime | None = None
    more: int = 0
    """Other words on the same trait within this person."""


@dataclass(frozen=True)
class Line:
    label: str
    likeness: Likeness
    a: Cell
    b: Cell


def sides(profile_ids: Sequence[int]) -> list[Side]:
    """In the order given, in five queries. Identifiers with those that do not count."""
    names = dict(Source.objects.values_list("id", "name"))
    with connection.cursor() as cursor:
        ruling = rules.load(cursor)
    profiles = Profile.objects.in_bulk(list(profile_ids))
    identifiers: dict[int, list[Identifier]] = {one: [] for one in profile_ids}
    for edge in Identifier.objects.filter(profile_id__in=profile_ids).order_by("first_seen_at", "id"):
        identifiers[edge.profile_id].append(edge)
    records: dict[int, list[Record]] = {one: [] for one in profile_ids}
    for record in Record.objects.filter(profile_id__in=profile_ids).order_by("first_seen_at", "id"):
        records[record.profile_id].append(record)
    return [
        Side(
            profiles[one],
            best_name(profiles[one], [edge for edge in identifiers[one] if not edge.dropped_for]),
            [(record, names.get(record.source_id, GONE)) for record in records[one]],
            identifiers[one],
            {opinion.name: opinion for opinion in opinions(records[one], sources=names, rules=ruling)},
        )
        for one in profile_ids
        if one in profiles
    ]


def compare(a: Side, b: Side) -> list[Line]:
    """Traits, then identifiers that are no traits; what only one of them tells comes last."""
    lines = [_line(name, _word(a.opinions.get(name)), _word(b.opinions.get(name))) for name in _names(a, b)]
    shown = {line.label for line in lines}
    for kind in LONG_TERM:
        line = _line(namespace(kind), _values(a.identifiers, kind), _values(b.identifiers, kind))
        if (line.a.text or line.b.text) and kind not in shown:
            lines.append(line)
    lines.sort(key=lambda line: line.likeness is Likeness.ONE_SIDED)
    return lines[:MOST_ROWS]


def _names(a: Side, b: Side) -> list[str]:
    rank = {name: place for place, name in enumerate(FIRST)}
    return sorted(a.opinions.keys() | b.opinions.keys(), key=lambda name: (rank.get(name, len(rank)), name))


def _word(opinion: Opinion | None) -> Cell:
    if opinion is None:
        return Cell("", [])
    won = opinion.won
    text = said(won.value)[:LONGEST]
    return Cell(text, [Part(text, False)], won.source, won.at, sum(one.value != won.value for one in opinion.others))


def _values(identifiers: Iterable[Identifier], kind: str) -> Cell:
    values = list(dict.fromkeys(one.value for one in identifiers if one.namespace == kind and not one.dropped_for))
    text = ", ".join(values[:MOST_VALUES])[:LONGEST]
    return Cell(text, [Part(text, False)] if text else [], more=max(0, len(values) - MOST_VALUES))


def _line(label: str, a: Cell, b: Cell) -> Line:
    alike = likeness(a.text, b.text)
    if alike is not Likeness.SIMILAR:
        return Line(label, alike, a, b)
    left, right = parts(a.text, b.text)
    return Line(label, alike, Cell(a.text, left, a.source, a.at, a.more), Cell(b.text, right, b.source, b.at, b.more))


def counts(lines: Iterable[Line]) -> Mapping[Likeness, int]:
    found = dict.fromkeys(Likeness, 0)
    for line in lines:
        found[line.likeness] += 1
    return found
