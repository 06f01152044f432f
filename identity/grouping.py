"""Which records are one person: a pure function of all that is known, whatever the order in which it came.

Edges join a record to a value; records joined to one value are one person. Every edge of a component is sorted and
added in turn, unless it would break something: two values of a hard namespace, more values than the limit, two sides
of a separation. What cannot be added is dropped: it stays known, and joins nobody.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from identity.rules import Namespace, Rules

Value = tuple[str, str]
"""(namespace, value)"""
RecordKey = tuple[int, str]
"""(source id, key): names a record whatever its number in the table."""


class Dropped(StrEnum):
    """Why an edge or a link does not count."""

    HARD = "hard"
    LIMIT = "limit"
    APART = "apart"
    BLOCKED = "blocked"
    SHARED = "shared"


@dataclass(frozen=True, slots=True)
class Edge:
    """This record was first seen with this value then."""

    record: int
    namespace: str
    value: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Tie:
    """Two records that are one person by a steward's word, or by likeness with so many bits."""

    a: int
    b: int
    is_manual: bool
    weight: float
    at: datetime


@dataclass(frozen=True, slots=True)
class Side:
    """The record stands on this side of a separation."""

    separation: int
    side: int
    record: int


@dataclass(frozen=True, slots=True)
class Known:
    """All that is known of a component."""

    keys: Mapping[int, RecordKey]
    """Each record's key, by its number."""
    edges: Sequence[Edge]
    ties: Sequence[Tie] = ()
    sides: Sequence[Side] = ()
    shared: frozenset[Value] = frozenset()
    """Values that more records have than their rule allows."""


@dataclass(slots=True, eq=False)
class Group:
    """One person, as far as is known. A set of a disjoint-set forest (Tarjan 1975): `within` is the larger one."""

    records: list[int]
    values: dict[str, dict[str, datetime]] = field(default_factory=dict)
    """Per namespace that is hard or has a limit: each value and when it was first seen."""
    sides: dict[int, int] = field(default_factory=dict)
    within: "Group | None" = None

    def whole(self) -> "Group":
        top = self
        while top.within is not None:
            top = top.within
        while self is not top:
            self.within, self = top, self.within or top
        return top


@dataclass(frozen=True, slots=True)
class Grouped:
    groups: list[list[int]]
    """Record numbers."""
    dropped: dict[tuple[int, str, str], Dropped]
    """(record, namespace, value) → why."""
    dropped_ties: dict[tuple[int, int], Dropped]


def grouped(known: Known, rules: Rules) -> Grouped:
    """The groups of these records."""
    return _Grouping(known, rules).run()


class _Grouping:
    def __init__(self, known: Known, rules: Rules) -> None:
        self.known, self.rules = known, rules
        self.of_record = {record: Group([record]) for record in known.keys}
        self.of_value: dict[Value, Group] = {}
        self.since: dict[Value, datetime] = {}
        for edge in known.edges:
            value = edge.namespace, edge.value
            earliest = self.since.get(value)
            self.since[value] = edge.at if earliest is None else min(earliest, edge.at)
        for one in known.sides:
            self.of_record[one.record].sides[one.separation] = one.side
        self.dropped: dict[tuple[int, str, str], Dropped] = {}
        self.dropped_ties: dict[tuple[int, int], Dropped] = {}

    def run(self) -> Grouped:
        hard, soft = self._edges()
        for edge in hard:
            self._add(edge)
        for tie in sorted((tie for tie in self.known.ties if tie.is_manual), key=self._tie_rank):
            self._tie(tie)
        for edge in soft:
            self._add(edge)
        for tie in sorted((tie for tie in self.known.ties if not tie.is_manual), key=self._tie_rank):
            self._tie(tie)
        groups = [group.records for group in self.of_record.values() if group.within is None]
        return Grouped(groups, self.dropped, self.dropped_ties)

    def _edges(self) -> tuple[list[Edge], list[Edge]]:
        """Hard ones and the others, each in the order in which they are added; blocked ones are dropped at once."""
        hard: list[Edge] = []
        soft: list[Edge] = []
        for edge in self.known.edges:
            if self.rules.is_blocked(edge.namespace, edge.value):
                self.dropped[edge.record, edge.namespace, edge.value] = Dropped.BLOCKED
            elif (edge.namespace, edge.value) in self.known.shared:
                self.dropped[edge.record, edge.namespace, edge.value] = Dropped.SHARED
            elif self.rules.of(edge.namespace).joins:
                (hard if self.rules.of(edge.namespace).is_hard else soft).append(edge)
        return sorted(hard, key=self._rank), sorted(soft, key=self._rank)

    def _rank(self, edge: Edge) -> tuple[int, datetime, str, str, RecordKey]:
        rule = self.rules.of(edge.namespace)
        return rule.priority, edge.at, edge.namespace, edge.value, self.known.keys[edge.record]

    def _tie_rank(self, tie: Tie) -> tuple[float, RecordKey, RecordKey]:
        one, other = sorted((self.known.keys[tie.a], self.known.keys[tie.b]))
        return -tie.weight, one, other

    def _add(self, edge: Edge) -> None:
        value = edge.namespace, edge.value
        one = self.of_record[edge.record].whole()
        there = self.of_value.get(value)
        other = self._alone(edge) if there is None else there.whole()
        if one is other:
            return
        if why := self._conflict(one, other):
            self.dropped[edge.record, edge.namespace, edge.value] = why
        else:
            self.of_value[value] = self._unite(one, other)

    def _alone(self, edge: Edge) -> Group:
        """A value that nobody has yet."""
        value = edge.namespace, edge.value
        return Group([], {edge.namespace: {edge.value: self.since[value]}} if self._counts(edge) else {})

    def _counts(self, edge: Edge) -> bool:
        rule = self.rules.of(edge.namespace)
        return rule.is_hard or rule.limit is not None

    def _tie(self, tie: Tie) -> None:
        one, other = self.of_record[tie.a].whole(), self.of_record[tie.b].whole()
        if one is other:
            return
        why = self._conflict(one, other)
        if why is None and not tie.is_manual and len(one.records) + len(other.records) > self.rules.fuzzy.largest:
            why = Dropped.LIMIT
        if why:
            self.dropped_ties[tie.a, tie.b] = why
        else:
            self._unite(one, other)

    def _conflict(self, one: Group, other: Group) -> Dropped | None:
        if any(other.sides.get(separation, side) != side for separation, side in one.sides.items()):
            return Dropped.APART
        for namespace in one.values.keys() & other.values.keys():
            rule = self.rules.of(namespace)
            both = {**one.values[namespace], **other.values[namespace]}
            if rule.is_hard and len(both) > 1:
                return Dropped.HARD
            if not is_within(rule, both):
                return Dropped.LIMIT
        return None

    @staticmethod
    def _unite(one: Group, other: Group) -> Group:
        """The larger takes in the smaller."""
        into, group = (one, other) if len(one.records) >= len(other.records) else (other, one)
        into.records += group.records
        into.sides |= group.sides
        for namespace, values in group.values.items():
            into.values.setdefault(namespace, {}).update(values)
        group.within = into
        return into


def is_within(rule: Namespace, values: Mapping[str, datetime]) -> bool:
    """Whether no window of time saw the first of more values than the limit allows."""
    if rule.limit is None or len(values) <= rule.limit:
        return True
    if rule.window_days is None:
        return False
    window = timedelta(days=rule.window_days)
    times = sorted(values.values())
    return all(bisect_left(times, at + window) - i <= rule.limit for i, at in enumerate(times))
