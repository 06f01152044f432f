"""Whom the lines of an upload mean: each line is one identifier of one person."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from uuid import UUID

from django.db import connection

from identity.gather import LONGEST_VALUE, normal
from identity.rule_sets import current
from identity.rules import Rules
from segments.list_lines import Line

LOT = 5_000
ANY, NAMED, PROFILE = "any", "named", "uuid"
"""What the lines are, beside the name of a kind of identifier: told by their look; `kind:value`, or the id of a
profile; ids of profiles."""
AS_IT_CAME = ("user_id", "anonymous_id")
"""Kinds whose values are kept as they came."""


class Verdict(StrEnum):
    FOUND = "found"
    MISSING = "missing"
    AMBIGUOUS = "ambiguous"
    INVALID = "invalid"


WORDS = {
    Verdict.MISSING: "Nobody is known by this.",
    Verdict.AMBIGUOUS: "More than one person has this.",
    Verdict.INVALID: "This cannot be such an identifier.",
}


@dataclass(frozen=True, slots=True)
class Matched:
    line: Line
    verdict: Verdict
    record_id: int = 0


@dataclass(slots=True)
class _Asked:
    """A line as the kind of identifier and the value to look for; empty if it cannot be one."""

    line: Line
    namespace: str
    value: str = ""


Known = dict[tuple[str, str], dict[int, int]]
"""(kind, value) → profile → the record by which it is known longest."""


def match(lines: Iterable[Line], *, kind: str) -> Iterator[list[Matched]]:
    """In lots, in order of the lines."""
    with connection.cursor() as cursor:
        rules = current(cursor)
    lines = iter(lines)
    while lot := list(islice(lines, LOT)):
        yield _match(lot, kind, rules)


def _match(lot: Sequence[Line], kind: str, rules: Rules) -> list[Matched]:
    asked = [_ask(line, kind, rules) for line in lot]
    wanted: dict[str, set[str]] = defaultdict(set)
    for one in asked:
        if one.value:
            wanted[one.namespace].add(one.value)
    known: Known = {}
    for namespace, values in wanted.items():
        known |= _profiles(values) if namespace == PROFILE else _holders(namespace, values)
    return [_judge(one, known) for one in asked]


def _ask(line: Line, kind: str, rules: Rules) -> _Asked:
    namespace, text = _named(line.text) if kind == NAMED else (_look(line.text) if kind == ANY else kind, line.text)
    if len(text) > LONGEST_VALUE or not namespace.isprintable() or not text.isprintable():
        return _Asked(line, namespace)
    if namespace == PROFILE:
        return _Asked(line, namespace, _uuid(text))
    return _Asked(line, namespace, text if namespace in AS_IT_CAME else normal(namespace, text, rules))


def _named(text: str) -> tuple[str, str]:
    if _uuid(text):
        return PROFILE, text
    namespace, _, value = text.partition(":")
    return namespace, value


def _look(text: str) -> str:
    if "@" in text:
        return "email"
    if _uuid(text):
        return PROFILE
    return "phone" if text.startswith("+") else "user_id"


def _uuid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        return ""


def _judge(one: _Asked, known: Known) -> Matched:
    if not one.value:
        return Matched(one.line, Verdict.INVALID)
    found = known.get((one.namespace, one.value), {})
    if not found:
        return Matched(one.line, Verdict.MISSING)
    if len(found) > 1:
        return Matched(one.line, Verdict.AMBIGUOUS)
    return Matched(one.line, Verdict.FOUND, next(iter(found.values())))


def _holders(namespace: str, values: Iterable[str]) -> Known:
    """Edges that identity dropped name nobody."""
    known: Known = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct on (value, profile_id) value, profile_id, record_id from profiles_identifier"
            " where namespace = %s and value = any(%s) and dropped_for in ('', 'hint')"
            " order by value, profile_id, first_seen_at, record_id",
            [namespace, sorted(values)],
        )
        for value, profile_id, record_id in cursor.fetchall():
            known[namespace, value][profile_id] = record_id
    return known


def _profiles(uuids: Iterable[str]) -> Known:
    """Of a profile that was merged, the one it became."""
    known: Known = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct on (p.uuid) p.uuid::text, r.profile_id, r.id from profiles_profile p"
            " join profiles_record r on r.profile_id = coalesce(p.merged_into, p.id)"
            " where p.uuid = any(%s::uuid[]) order by p.uuid, r.first_seen_at, r.id",
            [sorted(uuids)],
        )
        for uuid, profile_id, record_id in cursor.fetchall():
            known[PROFILE, uuid][profile_id] = record_id
    return known
