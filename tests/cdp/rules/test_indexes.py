"""A rule's own indexes are such as its time ticks and its sets can use."""

import re
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from cdp.rules.indexes import ensure_indexes, wanted_indexes
from cdp.rules.parse import parse
from cdp.rules.sql import Sql
from cdp.rules.tree import Scope, crossings
from tests.cdp.rules.histories import people, write
from tests.taking_in import NOW, rows

ROME = ZoneInfo("Europe/Rome")
TIMED = [
    {"kind": "trait", "name": "renews", "op": "within_next", "amount": 7, "unit": "day"},
    {"kind": "trait", "name": "renews", "op": "before_last", "amount": 1, "unit": "month"},
    {"kind": "interval", "name": "Buy", "times": 1.5},
]


def plan(sql: Sql) -> str:
    return "\n".join(row[0] for row in rows(f"explain {sql.text}", *sql.values))


@pytest.mark.django_db
@pytest.mark.parametrize("leaf", TIMED, ids=lambda leaf: leaf.get("op", leaf["kind"]))
def test_a_tick_is_a_scan_of_the_index(leaf: dict[str, Any]) -> None:
    write(people(1))
    node = parse({"version": 1, "root": leaf})
    [name] = ensure_indexes(node, zone=ROME, concurrently=False)
    assert ensure_indexes(node, zone=ROME, concurrently=False) == [name]
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off; set local enable_bitmapscan = off")
    scope = Scope(NOW, zone=ROME)
    scans = crossings(node, NOW - timedelta(seconds=1), scope)
    used = [name in plan(scan) for scan in scans]
    assert all(used) if leaf["kind"] == "trait" else used == [True, False]


def test_rules_that_only_ask_for_what_is_indexed_anyway_want_none() -> None:
    for leaf in (
        {"kind": "trait", "name": "renews", "op": "after", "value": "2026-01-01"},
        {"kind": "event", "name": "Buy", "op": "zero"},
    ):
        assert wanted_indexes(parse({"version": 1, "root": leaf})) == {}


KEPT_TIMED = [
    ({"kind": "seen", "which": "first", "op": "within_last", "amount": 7, "unit": "day"}, "profile_by_first_seen"),
    ({"kind": "seen", "which": "last", "op": "before_last", "amount": 7, "unit": "day"}, "profile_by_last_seen"),
    ({"kind": "segment", "id": 1, "op": "entered_within", "amount": 7, "unit": "day"}, "membership_newest"),
    ({"kind": "segment", "id": 1, "op": "left_within", "amount": 7, "unit": "day"}, "change_left_at"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("leaf", "index"), KEPT_TIMED, ids=lambda one: one if isinstance(one, str) else "")
def test_a_tick_over_what_is_kept_is_a_scan_of_its_index(leaf: dict[str, Any], index: str) -> None:
    write(people(1))
    node = parse({"version": 1, "root": leaf})
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off; set local enable_bitmapscan = off")
    for scan in crossings(node, NOW - timedelta(seconds=1), Scope(NOW, zone=ROME)):
        assert re.search(rf"Index (Only )?Scan.* using {index} .*\n +Index Cond: .*(at|on) ", plan(scan))
