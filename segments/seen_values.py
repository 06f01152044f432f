"""Some people a rule holds for, with what each of its conditions saw of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db import connection

from cdp.profiles.naming import Person, people
from cdp.rules.sets import matching
from cdp.rules.tree import AllOf, AnyOf, Leaf, Node, NotOf
from segments.reading import Reading


@dataclass(frozen=True)
class Saw:
    place: str
    """Of the condition, such as `root.of[0]`."""
    condition: str
    holds: bool
    seen: str
    """Empty where nothing is known or happened."""


@dataclass(frozen=True)
class Example:
    profile_id: int
    person: Person
    saw: tuple[Saw, ...]


def examples(reading: Reading, profile_ids: Sequence[int]) -> list[Example]:
    """Two statements per condition, whatever number of people."""
    known = people(profile_ids)
    found: dict[int, list[Saw]] = {one: [] for one in profile_ids if one in known}
    for place, leaf in placed_leaves(reading.node):
        seen, holding = _observed(reading, leaf, profile_ids), _holding(reading, leaf, profile_ids)
        for one, saws in found.items():
            saws.append(Saw(place, leaf.english(), one in holding, seen.get(one, "")))
    return [Example(one, known[one], tuple(saws)) for one, saws in found.items()]


def placed_leaves(node: Node, place: str = "root") -> Iterator[tuple[str, Leaf]]:
    """Each condition with its place in the rule's JSON."""
    if isinstance(node, Leaf):
        yield place, node
    elif isinstance(node, NotOf):
        yield from placed_leaves(node.of, f"{place}.of")
    elif isinstance(node, AllOf | AnyOf):
        for index, child in enumerate(node.of):
            yield from placed_leaves(child, f"{place}.of[{index}]")


def _holding(reading: Reading, leaf: Leaf, ids: Sequence[int]) -> set[int]:
    return matching(leaf, ids, now=reading.now, zone=reading.zone, cuts=reading.cuts)


def _observed(reading: Reading, leaf: Leaf, ids: Sequence[int]) -> dict[int, str]:
    sql = leaf.observed(reading.scope(ids))
    with connection.cursor() as cursor:
        cursor.execute(sql.text, sql.values)
        return {row[0]: "" if row[1] is None else str(row[1]) for row in cursor.fetchall()}
