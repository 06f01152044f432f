"""Everything that could be one person with given records: their component over all edges, links and profiles."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cdp.common.copying import Cursor, numbers, texts
from identity.assign import Held
from identity.grouping import Edge, Known, Side, Tie, Value
from identity.rules import Rules

Fresh = dict[int, dict[Value, datetime]]
"""Record → its edges that may not be in the table yet, or not so early."""


@dataclass(frozen=True, slots=True)
class Seeds:
    """Where to begin: records, new ones among them, and edges that may be unknown. `also_lock`: more profiles."""

    records: Collection[int]
    new: Sequence[Held] = ()
    fresh: Fresh = field(default_factory=dict)
    also_lock: Collection[int] = ()


@dataclass(slots=True)
class Component:
    """Records, living and new, with all that connects them. Edges are read only under the profiles' locks."""

    held: dict[int, Held]
    fresh: Fresh
    shared: set[Value] = field(default_factory=set)
    stored: dict[int, dict[Value, tuple[datetime, str]]] = field(default_factory=dict)
    """Record → its identifiers as they stand in the table: first seen, why dropped."""
    ties: dict[tuple[int, int], tuple[Tie, str]] = field(default_factory=dict)
    sides: list[Side] = field(default_factory=list)

    @property
    def profile_ids(self) -> set[int]:
        return {one.profile for one in self.held.values() if one.profile}

    @property
    def home_ids(self) -> set[int]:
        return {one.home for one in self.held.values() if one.home} - self.profile_ids

    def values_of(self, record: int) -> set[Value]:
        return self.stored.get(record, {}).keys() | self.fresh.get(record, {}).keys()

    def known(self) -> Known:
        edges = []
        for record in self.held:
            stored, fresh = self.stored.get(record, {}), self.fresh.get(record, {})
            for value, (at, _) in stored.items():
                edges.append(Edge(record, *value, min(at, fresh.get(value, at))))
            edges += [Edge(record, *value, at) for value, at in fresh.items() if value not in stored]
        return Known(
            {record: one.key for record, one in self.held.items()},
            edges,
            [tie for tie, _ in self.ties.values()],
            self.sides,
            frozenset(self.shared),
        )


def around(cursor: Cursor, seeds: Seeds, rules: Rules) -> Component:
    """The component of these records and of the fresh edges. The caller holds the identity lock."""
    found = Component({one.record: one for one in seeds.new}, seeds.fresh)
    values = {value for edges in seeds.fresh.values() for value in edges}
    records = set(seeds.records) - found.held.keys()
    seen: set[Value] = set()
    while values or records:
        seen |= values
        records |= _holders(cursor, values, found, rules)
        arrived = _with_mates(cursor, records - found.held.keys())
        found.held |= arrived
        values = _values_of(cursor, arrived) - seen
        records = _tied_to(cursor, arrived) - found.held.keys()
    return found


def read_edges(cursor: Cursor, found: Component) -> None:
    """Edges, links and separations of the component, under its profiles' locks: nobody else moves a time meanwhile."""
    ids = [one.record for one in found.held.values() if one.profile]
    if not ids:
        return
    cursor.execute(
        "select record_id, namespace, value, first_seen_at, dropped_for from profiles_identifier"
        " where record_id = any(%s::bigint[])",
        [numbers(ids)],
    )
    for record, namespace, value, at, why in cursor.fetchall():
        found.stored.setdefault(record, {})[namespace, value] = at, why
    cursor.execute(
        "select record_a, record_b, kind = 'manual', weight, at, dropped_for from identity_link"
        " where record_a = any(%s::bigint[])",
        [numbers(ids)],
    )
    for a, b, is_manual, weight, at, why in cursor.fetchall():
        if a in found.held and b in found.held:
            found.ties[a, b] = Tie(a, b, is_manual, weight, at), why
    cursor.execute(
        "select separation_id, side, record_id from identity_apart where record_id = any(%s::bigint[])", [numbers(ids)]
    )
    found.sides = [Side(*row) for row in cursor.fetchall()]


def _holders(cursor: Cursor, values: Iterable[Value], found: Component, rules: Rules) -> set[int]:
    """Records that have these values. A value with too many connects nobody; if it has them only now, those it
    connected until now belong to the component."""
    asked = sorted(value for value in values if rules.of(value[0]).joins and not rules.is_blocked(*value))
    if not asked:
        return set()
    most = [rules.of(namespace).most_records for namespace, _ in asked]
    cursor.execute(
        "select n.i, h.record_id from unnest(%s::text[], %s::text[], %s::int[], %s::int[]) n(namespace, value, most, i)"
        " cross join lateral (select record_id from profiles_identifier i where i.namespace = n.namespace"
        " and i.value = n.value limit n.most + 1) h",
        [
            texts([namespace for namespace, _ in asked]),
            texts([value for _, value in asked]),
            numbers(most),
            numbers(range(len(asked))),
        ],
    )
    stored: dict[int, set[int]] = {}
    for i, record in cursor.fetchall():
        stored.setdefault(i, set()).add(record)
    claims: dict[Value, set[int]] = {}
    for record, edges in found.fresh.items():
        for value in edges:
            claims.setdefault(value, set()).add(record)
    holders: set[int] = set()
    for i, value in enumerate(asked):
        known = stored.get(i, set())
        if len(known | claims.get(value, set())) > most[i]:
            found.shared.add(value)
        if len(known) <= most[i]:
            holders |= known
    return holders


def _with_mates(cursor: Cursor, records: Collection[int]) -> dict[int, Held]:
    """These records and all others of their profiles."""
    if not records:
        return {}
    cursor.execute(
        "select id, source_id, key, first_seen_at, last_seen_at, profile_id, home_id from profiles_record"
        " where profile_id in (select profile_id from profiles_record where id = any(%s::bigint[]))",
        [numbers(records)],
    )
    return {
        record: Held(record, (source, key), first_at, last_at, profile, home)
        for record, source, key, first_at, last_at, profile, home in cursor.fetchall()
    }


def _values_of(cursor: Cursor, records: Collection[int]) -> set[Value]:
    if not records:
        return set()
    cursor.execute(
        "select distinct namespace, value from profiles_identifier where record_id = any(%s::bigint[])",
        [numbers(records)],
    )
    return set(cursor.fetchall())


def _tied_to(cursor: Cursor, records: Collection[int]) -> set[int]:
    if not records:
        return set()
    cursor.execute(
        "select record_b from identity_link where record_a = any(%s::bigint[])"
        " union select record_a from identity_link where record_b = any(%s::bigint[])",
        [numbers(records)] * 2,
    )
    return {record for (record,) in cursor.fetchall()}
