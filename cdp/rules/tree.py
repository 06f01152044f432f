"""A rule is a tree: groups (all, any, not) over leaves. Each leaf says which people it holds for."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Self

from cdp.rules.fields import Fields
from cdp.rules.sql import Sql

VERSION = 1


@dataclass(frozen=True)
class Scope:
    """The moment a rule is read at, and the profile ids it is narrowed to; None means everybody."""

    now: datetime
    ids: Sequence[int] | None = None


@dataclass(frozen=True)
class Members:
    """`sql` selects profile ids; with `is_complement` the leaf holds for everybody else."""

    sql: Sql
    is_complement: bool = False


class Leaf(ABC):
    """One condition. A new kind is one module with one subclass, registered under its `kind`."""

    kind: ClassVar[str]

    @classmethod
    @abstractmethod
    def parse(cls, fields: Fields) -> Self:
        """The leaf of this JSON object; RuleError names what is wrong with it."""

    @abstractmethod
    def english(self) -> str:
        """The condition as a clause that follows "people"."""

    @abstractmethod
    def members(self, scope: Scope) -> Members: ...

    @abstractmethod
    def observed(self, scope: Scope) -> Sql:
        """Selects (profile id, the value seen) for the narrowed profiles that have one."""

    @abstractmethod
    def depends(self) -> frozenset[str]:
        """Names of facts (`event:…`, `trait:…`, `segment:…`) whose change may change the answer."""

    def crossings(self, since: datetime, until: datetime) -> tuple[Sql, ...]:
        """Select the profiles whose answer may flip in (since, until] only because time passes."""
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


def crossings(node: Node, since: datetime, until: datetime) -> list[Sql]:
    return [sql for leaf in leaves(node) for sql in leaf.crossings(since, until)]
