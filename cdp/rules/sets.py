"""Runs rules: who is in, how many, and who may flip by time alone."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from cdp.rules.sql import Sql, fill, join
from cdp.rules.to_sql import members_sql
from cdp.rules.tree import Node, Scope, crossings


def matching(node: Node, ids: Sequence[int], *, now: datetime) -> set[int]:
    """Those of `ids` for whom the rule holds."""
    return _ids(members_sql(node, Scope(now=now, ids=ids))) if ids else set()


def count(node: Node, *, now: datetime) -> int:
    counting = fill("select count(*) from ({set}) found", set=members_sql(node, Scope(now=now)))
    with connection.cursor() as cursor:
        cursor.execute(counting.text, counting.values)
        return int(cursor.fetchone()[0])


def sample(node: Node, *, now: datetime, size: int) -> list[int]:
    some = fill("{set} order by p.last_seen_at desc limit {size}", set=members_sql(node, Scope(now=now)), size=size)
    with connection.cursor() as cursor:
        cursor.execute(some.text, some.values)
        return [row[0] for row in cursor.fetchall()]


def crossing(node: Node, *, since: datetime, until: datetime) -> set[int]:
    """Those for whom the rule may flip in (since, until] although nothing new is known of them."""
    scans = crossings(node, since, until)
    return _ids(join(" union ", scans)) if scans and since < until else set()


def _ids(sql: Sql) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql.text, sql.values)
        return {row[0] for row in cursor.fetchall()}
