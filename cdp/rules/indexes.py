"""Indexes that a rule needs for its time ticks: of a trait's date, and of when a usual gap is over.

Which ones depends on the rules, so they are made when a rule is saved, outside its transaction, and not by a migration.
A rule without its index is right all the same: each tick then reads all profiles, or all states of the event.
"""

import hashlib
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from django.db import connection

from cdp.rules.leaves.interval import IntervalLeaf
from cdp.rules.leaves.trait import TraitLeaf
from cdp.rules.sql import Sql, fill
from cdp.rules.tree import UTC, Leaf, Node, leaves


def wanted_indexes(node: Node, *, zone: ZoneInfo = UTC) -> dict[str, Sql]:
    """By name: `table (expressions) where …`."""
    found = [on for leaf in leaves(node) if (on := _index_of(leaf, zone)) is not None]
    return {f"rule_{hashlib.sha256(repr(on).encode()).hexdigest()[:20]}": on for on in found}


def ensure_indexes(node: Node, *, zone: ZoneInfo = UTC, concurrently: bool = True) -> Sequence[str]:
    """Makes what is missing and returns the names of all. Concurrently, it must not run in a transaction."""
    wanted = wanted_indexes(node, zone=zone)
    if not wanted:
        return []
    how = "concurrently " if concurrently else ""
    with connection.cursor() as cursor:
        cursor.execute(
            "select c.relname, i.indisvalid from pg_class c join pg_index i on i.indexrelid = c.oid"
            " where c.relname = any(%s) and pg_table_is_visible(c.oid)",
            [list(wanted)],
        )
        made = dict(cursor.fetchall())
        for name in (name for name in wanted if not made.get(name)):
            if name in made:  # its making was broken off
                cursor.execute(f'drop index {how}"{name}"')
            on = wanted[name]
            cursor.execute(f'create index {how}if not exists "{name}" on {on.text}', on.values)
            cursor.execute(f"analyze {on.text.split()[0]}")  # an expression has no statistics before
    return list(wanted)


def _index_of(leaf: Leaf, zone: ZoneInfo) -> Sql | None:
    if isinstance(leaf, TraitLeaf) and leaf.test.ages():
        return fill("profiles_profile (({at}))", at=leaf.instant_in(zone))
    if isinstance(leaf, IntervalLeaf):
        return fill(
            "events_eventstate (({due})) where name = {name} and n >= {least}",
            due=leaf.due(""),
            name=leaf.name,
            least=leaf.least,
        )
    return None
