"""The ledger of merges, told: who, how, by whom, on what evidence, and what would undo it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from cdp.profiles.models import Record
from cdp.profiles.naming import Person, people
from identity.evidence import Compared, odds, read
from identity.models import Candidate, Decision, Merge
from identity.titles import called
from identity.who import Names

MOST_VALUES = 8


@dataclass(frozen=True)
class Told:
    """A link of the evidence: how strong, and what was compared if that is known."""

    kind: str
    odds: str
    compared: list[Compared] = field(default_factory=list)


@dataclass(frozen=True)
class Line:
    row: Merge
    winner: Person | None
    loser: Person | None
    who: str
    undone_by: str
    identifiers: list[dict[str, Any]]
    links: list[Told]
    decision: Decision | None
    """The steward's decision behind it, where it can be undone as such."""

    @property
    def can_unmerge(self) -> bool:
        return self.row.verb == Merge.Verb.MERGED and self.row.undone_at is None


def lines(rows: Sequence[Merge]) -> list[Line]:
    """The same few queries, however many rows."""
    known = people({one for row in rows for one in (row.winner_id, row.loser_id)})
    _name_the_gone(known, rows)
    names = Names({name for row in rows for name in (row.by, row.undone_by)})
    pairs = _pairs(rows)
    decisions = _decisions(rows)
    return [
        Line(
            row,
            known.get(row.winner_id),
            known.get(row.loser_id),
            names.of(row.by),
            names.of(row.undone_by),
            (row.evidence.get("identifiers") or [])[:MOST_VALUES],
            [_told(link, pairs) for link in (row.evidence.get("links") or [])[:MOST_VALUES]],
            None if row.verb == Merge.Verb.MERGED else decisions.get(row.pk),
        )
        for row in rows
    ]


def _name_the_gone(known: dict[int, Person], rows: Sequence[Merge]) -> None:
    """A profile that was merged away has no traits left: it is called by those of the records it had."""
    of = {row.loser_id: row.record_ids for row in rows if row.verb == Merge.Verb.MERGED and row.undone_at is None}
    records = Record.objects.in_bulk([record for ids in of.values() for record in ids])
    for profile_id, ids in of.items():
        if profile_id in known:
            name = called([records[pk] for pk in ids if pk in records])
            known[profile_id] = Person(known[profile_id].uuid, name)


def _pairs(rows: Iterable[Merge]) -> dict[tuple[int, int], Candidate]:
    wanted = {_ends(link) for row in rows for link in row.evidence.get("links") or []}
    if not wanted:
        return {}
    either = Q()
    for a, b in wanted:
        either |= Q(record_a=a, record_b=b)
    return {(one.record_a, one.record_b): one for one in Candidate.objects.filter(either)}


def _ends(link: dict[str, Any]) -> tuple[int, int]:
    a, b = sorted((int(link.get("a") or 0), int(link.get("b") or 0)))
    return a, b


def _told(link: dict[str, Any], pairs: dict[tuple[int, int], Candidate]) -> Told:
    candidate = pairs.get(_ends(link))
    compared = read(candidate.evidence)[1] if candidate else []
    weight = float(link.get("weight") or 0)
    return Told(str(link.get("kind") or ""), odds(weight) if weight else "", compared)


def _decisions(rows: Sequence[Merge]) -> dict[int, Decision]:
    ids = [row.pk for row in rows]
    found = Decision.objects.filter(merge_ids__overlap=ids, undone_at=None).order_by("id")
    return {pk: one for one in found for pk in one.merge_ids}
