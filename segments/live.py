"""The segments that follow what happens, locked, with their rules read."""

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from graphlib import TopologicalSorter

from django.db import connection

from cdp.common.copying import Cursor
from cdp.rules.fields import RuleError
from cdp.rules.parsed import Parser
from cdp.rules.tree import Node, depends

LIVE = "archived_at is null and (pace = 'live' or kind = 'static')"


@dataclass(frozen=True, eq=False)
class Live:
    """A segment whose lock this transaction holds, unless another has it."""

    id: int
    node: Node
    depends: frozenset[str]
    is_ours: bool
    is_stale: bool
    as_of: datetime | None


@dataclass(frozen=True)
class Unread:
    """A segment whose rule cannot be read any more."""

    id: int
    error: RuleError


def lock(cursor: Cursor) -> tuple[list[Live], list[Unread]]:
    """All of them, in the order of their ids; those that another transaction has are not waited for."""
    cursor.execute(
        f"with mine as materialized (select id, rule::text as rule, is_stale, as_of from segments_segment where {LIVE}"
        f" order by id for update skip locked) select s.id, coalesce(m.rule, s.rule::text), m.id is not null,"
        f" coalesce(m.is_stale, s.is_stale), coalesce(m.as_of, s.as_of)"
        f" from segments_segment s left join mine m on m.id = s.id where {LIVE} order by s.id"
    )
    parser = Parser()
    found: list[Live] = []
    unread: list[Unread] = []
    for segment_id, rule, is_ours, is_stale, as_of in cursor.fetchall():
        try:
            node = parser.parse(rule)
        except RuleError as error:
            if is_ours and not is_stale:
                unread.append(Unread(segment_id, error))
            continue
        found.append(Live(segment_id, node, depends(node), is_ours, is_stale, as_of))
    return found, unread


def _built_on(segment: Live) -> set[int]:
    return {int(name.removeprefix("segment:")) for name in segment.depends if name.startswith("segment:")}


def levels(segments: Iterable[Live]) -> list[list[Live]]:
    """Each level needs those before it only; raises CycleError."""
    by_id: Mapping[int, Live] = {one.id: one for one in segments}
    sorter = TopologicalSorter({one.id: _built_on(one) & by_id.keys() for one in by_id.values()})
    sorter.prepare()
    found = []
    while sorter.is_active():
        ready = sorter.get_ready()
        found.append([by_id[segment_id] for segment_id in sorted(ready)])
        sorter.done(*ready)
    return found


def depending_on(facts: Collection[str]) -> list[int]:
    """Live segments whose rule depends on one of the facts; those that cannot be read are told by their own refresh."""
    parser, wanted, found = Parser(), frozenset(facts), []
    with connection.cursor() as cursor:
        cursor.execute(f"select id, rule::text from segments_segment where {LIVE} order by id")
        rows = cursor.fetchall()
    for segment_id, rule in rows:
        with suppress(RuleError):
            if wanted & depends(parser.parse(rule)):
                found.append(segment_id)
    return found
