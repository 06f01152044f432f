"""Rules about the past: whom a rule held for as of a moment, told with what was known then and nothing else."""

from collections.abc import Iterator
from datetime import datetime

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from cdp.common.copying import Cursor
from cdp.rules.cuts import wanted_cuts
from cdp.rules.fields import Fields, RuleError
from cdp.rules.kept_cuts import cuts_for
from cdp.rules.parse import parse
from cdp.rules.registry import parse_leaf
from cdp.rules.sets import measure_cut
from cdp.rules.sql import Sql, fill
from cdp.rules.to_sql import members_sql
from cdp.rules.tree import UTC, Leaf, Node, Scope
from scoring.binary import read_packed
from scoring.past import as_of
from scoring.whose import EVERYBODY, People
from segments.leaf import SegmentLeaf
from segments.models import Segment
from segments.order import in_order, uses

Ids = NDArray[np.int64]
NOT_KNOWN = ("computed:", "score:", "cluster:", "recommended:")
"""Facts that are computed anew from others, and of which no history is kept that reaches back."""
_WITHIN = (
    "create or replace temporary view segments_membership as select w.profile_id, w.segment_id,"
    " (select max(c.at) from segments_membershipchange c where c.segment_id = w.segment_id"
    " and c.profile_id = w.profile_id and c.kind = 'entered') as entered_at from pg_temp.past_within w"
)


def members(rule: object, moment: datetime, *, people: People = EVERYBODY) -> Ids:
    """Ascending ids of those it held for. RuleError names what is not known of the past.

    A segment that it names is read as its rule is today, of what was known then.
    """
    check(rule, moment)
    node = parse(rule)
    segments = _segments(node)
    has_cut = any(wanted_cuts(one) for one in (node, *segments.values()))
    with as_of(moment, people=EVERYBODY if has_cut else people), connection.cursor() as cursor:
        if segments:
            _lay(cursor, segments, moment, people)
        found: Ids = read_packed(cursor, fill("{set} order by 1", set=_held_for(node, moment, people)))
        if segments:
            cursor.execute("drop view pg_temp.segments_membership; drop table pg_temp.past_within")
        return found


def members_now(rule: object, now: datetime, *, people: People = EVERYBODY) -> Ids:
    """Ascending ids of those it holds for, by the tables as they are."""
    node = parse(rule)
    with transaction.atomic(), connection.cursor() as cursor:
        scope = Scope(now, people.listed, UTC, cuts_for(node, now=now, zone=UTC))
        found: Ids = read_packed(cursor, fill("{set} order by 1", set=_among(node, scope, people)))
        return found


def _held_for(node: Node, moment: datetime, people: People) -> Sql:
    """Boundaries are those of everybody then."""
    cuts = {key: measure_cut(one, now=moment) for key, one in wanted_cuts(node).items()}
    return _among(node, Scope(moment, people.listed, UTC, cuts), people)


def _among(node: Node, scope: Scope, people: People) -> Sql:
    return fill(
        "select m.id from ({found}) m where {narrowed}",
        found=members_sql(node, scope),
        narrowed=people.narrowed("m.id"),
    )


def _lay(cursor: Cursor, segments: dict[int, Node], moment: datetime, people: People) -> None:
    """Who was in each segment, in place of who is."""
    cursor.execute("create temporary table past_within (segment_id bigint, profile_id bigint) on commit drop")
    cursor.execute(_WITHIN)
    for segment_id in in_order(segments):
        sql = fill(
            "insert into past_within select {id}, m.id from ({set}) m",
            id=segment_id,
            set=_held_for(segments[segment_id], moment, people),
        )
        cursor.execute(sql.text, sql.values)
    cursor.execute("create index on past_within (segment_id, profile_id); analyze past_within")


def _segments(node: Node) -> dict[int, Node]:
    """Those that a rule names, and those that these name."""
    found: dict[int, Node] = {}
    waiting = uses(node)
    while waiting:
        found |= {one.pk: parse(one.rule) for one in Segment.objects.filter(pk__in=waiting)}
        waiting = set().union(*(uses(one) for one in found.values())) - found.keys()
    return found


def check(rule: object, moment: datetime) -> None:
    """RuleError, with its place, if the rule asks for what is not known of that moment."""
    for fields in leaves_of(rule):
        leaf = parse_leaf(fields)
        if any(fact.startswith(NOT_KNOWN) for fact in leaf.depends()):
            raise RuleError(
                fields.place, f"people {leaf.english()}: that is computed anew, so of the past it is not known"
            )
        for segment in Segment.objects.filter(pk__in=uses(leaf)):
            _check_segment(fields, leaf, segment, moment)


def _check_segment(fields: Fields, leaf: Leaf, segment: Segment, moment: datetime) -> None:
    if isinstance(leaf, SegmentLeaf) and leaf.span and segment.created_at > moment - leaf.span.length:
        since = f"{segment.created_at:%Y-%m-%d}"
        raise RuleError(
            fields.place, f"“{segment.name}” is kept since {since} only: who came and left before is not known"
        )
    try:
        check(segment.rule, moment)
    except RuleError as error:
        raise RuleError(fields.place, f"the segment “{segment.name}” cannot be told of the past: {error}") from error


def leaves_of(rule: object) -> Iterator[Fields]:
    """The leaves as they are written, with their places."""
    waiting = [Fields.of(Fields.of(rule, "rule").value("root"), "root")]
    while waiting:
        fields = waiting.pop(0)
        match fields.text("kind"):
            case "all" | "any":
                waiting += fields.items("of", most=10**6)
            case "not":
                waiting.append(fields.inner("of"))
            case _:
                yield fields
