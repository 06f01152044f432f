"""A rule is a tree: groups (all, any, not) over leaves. Each leaf says which people it holds for."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from cdp.rules.fields import Fields
from cdp.rules.sql import Sql

VERSION = 1
UTC = ZoneInfo("UTC")
Outside = Callable[[], Hashable]
"""Reads what parsing a rule looks up beside its JSON: while the results are equal, so is the tree."""


@dataclass(frozen=True)
class Cut:
    """A published boundary in a population: who reaches it is in. None while nobody has the number."""

    value: Decimal | None
    version: int = 1


@dataclass(frozen=True)
class States:
    """The states of an event that a statement keeps, of everybody who is asked about it."""

    relation: str
    ids: Sequence[int]


@dataclass(frozen=True)
class History:
    """Events of a name that a statement keeps: those after a time, or all."""

    relation: str
    after: datetime | None

    def reaches(self, after: datetime | None) -> bool:
        return self.after is None or (after is not None and after >= self.after)


@dataclass(frozen=True)
class Scope:
    """What a rule is read against. Whoever stores cuts passes them by their key; leaves never compute them."""

    now: datetime
    ids: Sequence[int] | None = None
    """The profiles it is narrowed to; None means everybody."""
    zone: ZoneInfo = UTC
    """Where days begin, unless a rule asks for the person's own time zone."""
    cuts: Mapping[str, Cut] = field(default_factory=dict)
    states: Mapping[str, States] = field(default_factory=dict)
    """By event, where the statement keeps the state of those who are asked about; else it is read from its table."""

    histories: Mapping[str, History] = field(default_factory=dict)
    """By event, the same of the events themselves."""

    def state(self, event: str) -> Sql:
        found = self.states.get(event)
        return Sql(found.relation if found else "events_eventstate")

    def of_state(self, alias: str, event: str) -> Sql:
        """Whether a row of `state` is of that event and of those who are asked about; what is sure is not said, for
        then it would be guessed to be rare, and joined by a loop."""
        found = self.states.get(event)
        named = Sql("true") if found else Sql(f"{alias}.name = %s", (event,))
        is_theirs = found is not None and self.ids is not None and len(found.ids) == len(self.ids)
        narrowed = Sql("") if is_theirs else self.narrowed(f"{alias}.profile_id")
        return Sql(named.text + narrowed.text, named.values + narrowed.values)

    def history(self, name: str, after: datetime | None) -> History | None:
        """What the statement keeps of the events of that name after that time, if it keeps all of them."""
        found = self.histories.get(name)
        return found if found and found.reaches(after) else None

    def events(self, name: str, after: datetime | None) -> Sql:
        """Where to read what happened after that from, of those who are asked about."""
        found = self.history(name, after)
        return Sql(found.relation if found else "events_event")

    def named(self, alias: str, name: str, after: datetime | None) -> Sql:
        """Whether a row of `events` is of that name. Said twice, it would seem twice as rare."""
        return Sql("true") if self.history(name, after) else Sql(f"{alias}.name = %s", (name,))

    def narrowed(self, column: str) -> Sql:
        """`column` is a column's name, written in our modules."""
        return Sql("") if self.ids is None else Sql(f" and {column} = any(%s::bigint[])", (self.listed,))

    @cached_property
    def listed(self) -> str:
        """`ids` as an array literal: one parameter, read by PostgreSQL ten times faster than a list of numbers."""
        return "{" + ",".join(map(str, self.ids or ())) + "}"


@dataclass(frozen=True)
class Members:
    """`sql` selects profile ids; with `is_complement` the leaf holds for everybody else."""

    sql: Sql
    is_complement: bool = False


@dataclass(frozen=True)
class Counted:
    """The same people as a group of rows and a condition on it: conditions on the very same rows read them once."""

    rows: Sql
    """`from … e where …`, grouped by e.profile_id."""
    having: Sql


@dataclass(frozen=True)
class Own:
    """Of a leaf about the person's own row alone: a condition on its columns, read where the row stands anyhow."""

    condition: Sql


class Leaf(ABC):
    """One condition. A new kind is one module with one subclass, registered under its `kind`."""

    kind: ClassVar[str]

    @classmethod
    @abstractmethod
    def parse(cls, fields: Fields) -> "Leaf":
        """The leaf of this JSON object; RuleError names what is wrong with it."""

    @classmethod
    def schema(cls) -> dict[str, Any]:
        """JSON Schema of the object's members besides `kind`; without a schema of its own, any members."""
        return {}

    @abstractmethod
    def english(self) -> str:
        """The condition as a clause that follows "people"."""

    @abstractmethod
    def members(self, scope: Scope) -> Members | Own: ...

    def counted(self, scope: Scope) -> Counted | None:
        """The members as a condition on groups of rows, where they are found so."""
        return None

    @abstractmethod
    def observed(self, scope: Scope) -> Sql:
        """Selects (profile id, the value seen) for the narrowed profiles that have one."""

    def behind(self, scope: Scope) -> Sql | None:
        """Selects (profile_id, occurred_at, message_id, source_id) of the events that count for the narrowed
        profiles, so that a page can show them; None for what is not about events."""
        return None

    @abstractmethod
    def depends(self) -> frozenset[str]:
        """Names of facts (`event:…`, `trait:…`, `segment:…`, `cut:…`) whose change may change the answer."""

    def reads(self, scope: Scope) -> Mapping[str, datetime | None]:
        """The events that it reads of everybody who is asked about, and after when: None reaches back for ever."""
        return {}

    def outside(self) -> frozenset[Outside]:
        """What `parse` looked up beside the JSON; a leaf that looks nothing up needs none."""
        return frozenset()

    def crossings(self, since: datetime, scope: Scope) -> tuple[Sql, ...]:
        """Select the profiles whose answer may flip in (since, scope.now] only because time passes."""
        return ()

    def moments(self, scope: Scope, own: ZoneInfo) -> tuple[Sql, ...]:
        """Select the times after scope.now at which the answer for the one profile of scope.ids may flip
        if nothing happens. `own` is that person's time zone."""
        return ()


@dataclass(frozen=True)
class AllOf:
    of: tuple["Node", ...]


@dataclass(frozen=True)
class AnyOf:
    of: tuple["Node", ...]


@dataclass(frozen=True)
class NotOf:
    of: "Node"


Node = AllOf | AnyOf | NotOf | Leaf


def leaves(node: Node) -> Iterator[Leaf]:
    if isinstance(node, Leaf):
        yield node
    elif isinstance(node, NotOf):
        yield from leaves(node.of)
    else:
        for child in node.of:
            yield from leaves(child)


def depends(node: Node) -> frozenset[str]:
    return frozenset().union(*(leaf.depends() for leaf in leaves(node)))


def crossings(node: Node, since: datetime, scope: Scope) -> list[Sql]:
    return [sql for leaf in leaves(node) for sql in leaf.crossings(since, scope)]
