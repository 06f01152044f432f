"""Rules about the past: whom a rule held for as of a moment, told with what was known then and nothing else."""

from collections.abc import Iterator
from datetime import datetime

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from cdp.rules.cuts import wanted_cuts
from cdp.rules.fields import Fields, RuleError
from cdp.rules.kept_cuts import cuts_for
from cdp.rules.parse import parse
from cdp.rules.registry import parse_leaf
from cdp.rules.sets import measure_cut
from cdp.rules.sql import fill
from cdp.rules.to_sql import members_sql
from cdp.rules.tree import UTC, Scope
from scoring.binary import read_numbers
from scoring.past import as_of
from scoring.whose import EVERYBODY, People

NOT_KNOWN = ("computed:", "score:", "cluster:", "points:", "rfm:")
"""Facts that are computed from others and of which no history is kept."""


def members(rule: object, moment: datetime, *, people: People = EVERYBODY) -> NDArray[np.int64]:
    """Ascending ids of those it held for. RuleError names what is not known of the past."""
    check(rule)
    node = parse(rule)
    with as_of(moment, people=people), connection.cursor() as cursor:
        cuts = {key: measure_cut(one, now=moment) for key, one in wanted_cuts(node).items()}
        found = members_sql(node, Scope(moment, None, UTC, cuts))
        asked = fill(
            "select m.id::float8 from ({found}) m where {narrowed} order by 1",
            found=found,
            narrowed=people.narrowed("m.id"),
        )
        return read_numbers(cursor, asked)[:, 0].astype(np.int64)


def members_now(rule: object, now: datetime, *, people: People = EVERYBODY) -> NDArray[np.int64]:
    """Ascending ids of those it holds for, by the tables as they are."""
    node = parse(rule)
    with transaction.atomic(), connection.cursor() as cursor:
        cuts = cuts_for(node, now=now, zone=UTC)
        found = members_sql(node, Scope(now, people.listed, UTC, cuts))
        asked = fill(
            "select m.id::float8 from ({found}) m where {narrowed} order by 1",
            found=found,
            narrowed=people.narrowed("m.id"),
        )
        return read_numbers(cursor, asked)[:, 0].astype(np.int64)


def check(rule: object) -> None:
    """RuleError if the rule asks for what is not known of the past."""
    for fields in leaves_of(rule):
        leaf = parse_leaf(fields)
        unknown = [fact for fact in leaf.depends() if fact.startswith(NOT_KNOWN)]
        if unknown:
            raise RuleError(
                fields.place, f"“{leaf.english()}” is computed anew all the time: of the past it is not known"
            )


def leaves_of(rule: object) -> Iterator[Fields]:
    """The leaves as they are written, with their places."""
    waiting = [Fields.of(Fields.of(rule, "rule").value("root"), "root")]
    while waiting:
        fields = waiting.pop()
        match fields.text("kind"):
            case "all" | "any":
                waiting += fields.items("of", most=10**6)
            case "not":
                waiting.append(fields.inner("of"))
            case _:
                yield fields
