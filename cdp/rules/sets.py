"""Runs rules: who is in, how many, and who may flip by time alone."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import connection

from cdp.rules.cuts import WantedCut
from cdp.rules.shared import Asked, found_sql
from cdp.rules.sql import Sql, fill, join
from cdp.rules.to_sql import members_sql
from cdp.rules.tree import UTC, Cut, Node, Scope, crossings

NO_CUTS: Mapping[str, Cut] = {}


def matching(
    node: Node, ids: Sequence[int], *, now: datetime, zone: ZoneInfo = UTC, cuts: Mapping[str, Cut] = NO_CUTS
) -> set[int]:
    """Those of `ids` for whom the rule holds."""
    if not ids:
        return set()
    found = found_sql([Asked(node, ids)], Scope(now, zone=zone, cuts=cuts))
    return _ids(fill("select f.id from ({found}) f (position, id)", found=found))


def matching_each(
    nodes: Sequence[Node], ids: Sequence[int], *, now: datetime, zone: ZoneInfo, cuts: Mapping[str, Cut] = NO_CUTS
) -> list[set[int]]:
    """Of each rule those of `ids` for whom it holds, found in one statement."""
    found: list[set[int]] = [set() for _ in nodes]
    if nodes and ids:
        sql = found_sql([Asked(node, ids) for node in nodes], Scope(now, zone=zone, cuts=cuts))
        with connection.cursor() as cursor:
            cursor.execute(sql.text, sql.values)
            for position, who in cursor.fetchall():
                found[position].add(who)
    return found


def count(node: Node, *, now: datetime, zone: ZoneInfo = UTC, cuts: Mapping[str, Cut] = NO_CUTS) -> int:
    members = members_sql(node, Scope(now, None, zone, cuts))
    counting = fill("select count(*) from ({set}) found", set=members)
    with connection.cursor() as cursor:
        cursor.execute(counting.text, counting.values)
        return int(cursor.fetchone()[0])


def sample(
    node: Node, *, now: datetime, size: int, zone: ZoneInfo = UTC, cuts: Mapping[str, Cut] = NO_CUTS
) -> list[int]:
    members = members_sql(node, Scope(now, None, zone, cuts))
    some = fill("{set} order by p.last_seen_at desc limit {size}", set=members, size=size)
    with connection.cursor() as cursor:
        cursor.execute(some.text, some.values)
        return [row[0] for row in cursor.fetchall()]


def crossing(
    node: Node, *, since: datetime, until: datetime, zone: ZoneInfo = UTC, ids: Sequence[int] | None = None
) -> set[int]:
    """Those (of `ids`) for whom the rule may flip in (since, until] although nothing new is known of them."""
    scans = crossings(node, since, Scope(until, ids, zone)) if since < until else []
    return _ids(join(" union ", scans)) if scans else set()


def measure_cut(wanted: WantedCut, *, now: datetime, version: int = 1, zone: ZoneInfo = UTC) -> Cut:
    """Over everybody. Storing and publishing it is the caller's."""
    sql = wanted.measured(Scope(now, None, zone))
    with connection.cursor() as cursor:
        cursor.execute(sql.text, sql.values)
        return Cut(cursor.fetchone()[0], version)


def moved_by(wanted: WantedCut, *, old: Cut, new: Cut, now: datetime, zone: ZoneInfo = UTC) -> set[int]:
    """Those whose answer may differ between two versions of a cut."""
    return _ids(wanted.between(old, new, Scope(now, None, zone)))


def _ids(sql: Sql) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql.text, sql.values)
        return {row[0] for row in cursor.fetchall()}
