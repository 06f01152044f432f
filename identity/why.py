"""Why records are one person: what joins them, what was left aside and for which reason."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from cdp.profiles.models import Identifier, Record
from identity.models import Link
from identity.who import Names

REASONS = {
    "hard": "it would make two user ids one person",
    "limit": "a person may have only so many of its kind at a time",
    "apart": "a steward keeps these people apart",
    "blocked": "the rules block this value: it names nobody",
    "shared": "too many people share it, so it names nobody",
}
"""Identifier.dropped_for and Link.dropped_for in words."""


@dataclass(frozen=True)
class Join:
    """An identifier, and the records of this person that were seen with it."""

    namespace: str
    value: str
    records: list[Record]
    reason: str = ""
    """Why it does not count; empty if it does."""


@dataclass(frozen=True)
class LinkTold:
    link: Link
    a: Record | None
    b: Record | None
    who: str
    reason: str


@dataclass(frozen=True)
class Why:
    joining: list[Join]
    single: list[Join]
    dropped: list[Join]
    links: list[LinkTold]


def why(records: Sequence[Record], identifiers: Sequence[Identifier]) -> Why:
    of = {record.pk: record for record in records}
    seen: dict[tuple[str, str, str], list[Record]] = {}
    for one in identifiers:
        if one.record_id in of:
            seen.setdefault((one.namespace, one.value, one.dropped_for), []).append(of[one.record_id])
    joins = [Join(name, value, rows, reason_of(dropped)) for (name, value, dropped), rows in seen.items()]
    kept = [join for join in joins if not join.reason]
    return Why(
        [join for join in kept if len(join.records) > 1],
        [join for join in kept if len(join.records) == 1],
        [join for join in joins if join.reason],
        _told(links_of(list(of)), of),
    )


def links_of(record_ids: Sequence[int]) -> list[Link]:
    ends = Q(record_a__in=record_ids) | Q(record_b__in=record_ids)
    return list(Link.objects.filter(ends).order_by("at", "id"))


def reason_of(dropped_for: str) -> str:
    return REASONS.get(dropped_for, dropped_for)


def _told(links: Sequence[Link], of: dict[int, Record]) -> list[LinkTold]:
    elsewhere = {end for link in links for end in (link.record_a, link.record_b)} - of.keys()
    known = {**of, **Record.objects.in_bulk(list(elsewhere))}
    names = Names([link.by for link in links])
    return [
        LinkTold(
            link, known.get(link.record_a), known.get(link.record_b), names.of(link.by), reason_of(link.dropped_for)
        )
        for link in links
    ]
