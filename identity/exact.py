"""Which records and profiles exact identifiers make one person. A pure function of the batch's edges."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cdp.profiles.sightings import Edge

PRIORITY = {"user_id": 1, "email": 2, "phone": 3, "anonymous_id": 5}
"""Stronger identifiers are joined first; those not named here come between phone and anonymous_id."""
DEFAULT_PRIORITY = 4
HARD = "user_id"
"""Two different values of this namespace are two people, whatever else they share."""

Node = tuple[str, int]
"""("profile", its id) or ("record", index in the batch)."""


@dataclass(slots=True)
class Group:
    """What turned out to be one person."""

    nodes: set[Node]
    hard: set[str]
    evidence: list[tuple[Edge, Node, Node]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Join:
    """This identifier says these nodes are one person."""

    edge: Edge
    at: datetime
    nodes: tuple[Node, ...]


def rank(join: Join) -> tuple[int, datetime, str, str]:
    namespace, value = join.edge
    return PRIORITY.get(namespace, DEFAULT_PRIORITY), join.at, namespace, value


def groups(nodes: Mapping[Node, set[str]], joins: Iterable[Join]) -> list[Group]:
    """Joins, strongest first, each unless it would put two values of the hard namespace into one person.

    `nodes` maps each node to its values of the hard namespace.
    """
    of: dict[Node, Group] = {node: Group({node}, set(hard)) for node, hard in nodes.items()}
    for join in sorted(joins, key=rank):
        first, *others = sorted(join.nodes)
        for other in others:
            _unite(of, join.edge, first, other)
    return list({id(group): group for group in of.values()}.values())


def _unite(of: dict[Node, Group], edge: Edge, a: Node, b: Node) -> None:
    into, group = of[a], of[b]
    if into is group or (into.hard and group.hard and into.hard != group.hard):
        return
    into.nodes |= group.nodes
    into.hard |= group.hard
    into.evidence += [*group.evidence, (edge, a, b)]
    for node in group.nodes:
        of[node] = into
