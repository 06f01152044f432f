"""Identifiers that do not count: how many and why, and the values that too many records share."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import OperationalError, connection, transaction
from psycopg2.errors import QueryCanceled

from cdp.common.copying import Cursor
from identity.grouping import Dropped
from identity.rules import ANY, Rules

LOOKED_AT = 200_000
"""Dropped identifiers that are grouped for the page; beyond, the figures of the last full count tell more."""
SHOWN = 50
MOST_COUNTED = 100_000
COUNTED_WITHIN_MS = 3_000

REASONS: Mapping[str, tuple[str, str]] = {
    Dropped.HARD: ("would join two people", "It stands beside another value of a kind of which a person has only one."),
    Dropped.LIMIT: ("over the limit", "The person has as many of this kind as the rules allow; the later ones lose."),
    Dropped.APART: ("kept apart by a steward", "A steward said that these are two people."),
    Dropped.BLOCKED: ("blocked by a steward", "The rules say that this value names nobody."),
    Dropped.SHARED: ("shared by too many", "More records have it than the rules allow: it names nobody."),
}


@dataclass(frozen=True, slots=True)
class Conflict:
    """So many identifiers of this kind do not count, for this reason."""

    namespace: str
    reason: str
    n: int

    @property
    def label(self) -> str:
        return REASONS.get(self.reason, (self.reason, ""))[0]

    @property
    def meaning(self) -> str:
        return REASONS.get(self.reason, ("", ""))[1]


@dataclass(frozen=True, slots=True)
class Shared:
    """A value that names nobody because so many records have it; `allowed` is what the rules allow."""

    namespace: str
    value: str
    records: int
    allowed: int


def conflicts(cursor: Cursor, *, most: int | None = LOOKED_AT) -> list[Conflict]:
    """Per kind and reason, the most frequent first. None looks at all."""
    cursor.execute(
        "select namespace, dropped_for, count(*) from (select namespace, dropped_for from profiles_identifier"
        " where dropped_for <> '' limit %s) d group by 1, 2 order by 3 desc, 1, 2",
        [most],
    )
    return [Conflict(*row) for row in cursor.fetchall()]


def shared_values(cursor: Cursor, rules: Rules, *, most: int = SHOWN) -> list[Shared]:
    """Values that were blocked by themselves, those on most records first."""
    cursor.execute(
        "with worst as (select namespace, value from (select namespace, value from profiles_identifier"
        " where dropped_for = 'shared' limit %s) d group by 1, 2 order by count(*) desc, 1, 2 limit %s)"
        " select w.namespace, w.value, (select count(*) from (select 1 from profiles_identifier i"
        "  where i.namespace = w.namespace and i.value = w.value limit %s) n) from worst w order by 3 desc, 1, 2",
        [LOOKED_AT, most, MOST_COUNTED],
    )
    return [
        Shared(namespace, value, n, rules.of(namespace).most_records)
        for namespace, value, n in cursor.fetchall()
        if not rules.is_blocked(namespace, value)
    ]


class TooManyToCount(Exception):
    """There are too many identifiers to count these at once. Save the draft and try it: that counts exactly."""


@dataclass(frozen=True, slots=True)
class Touches:
    identifiers: int
    people: int


def touched_by(namespace: str, value: str) -> Touches:
    """What blocking a value or pattern would concern. Raises TooManyToCount."""
    pattern = "".join({"*": "%", "?": "_"}.get(char, f"\\{char}" if char in "\\%_" else char) for char in value.lower())
    where, values = ("", []) if namespace == ANY else ("namespace = %s and ", [namespace])
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select set_config('statement_timeout', %s, true)", [str(COUNTED_WITHIN_MS)])
            cursor.execute(
                "select count(distinct value), count(distinct profile_id) from profiles_identifier"
                f" where {where}lower(value) like %s",
                [*values, pattern],
            )
            return Touches(*cursor.fetchone())
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise TooManyToCount from error
        raise
