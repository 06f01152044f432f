"""Some people a rule holds for, with what each of its conditions saw of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cdp.profiles.naming import Person, people
from cdp.rules.evidence import values_seen
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
    """One statement per condition, and one for what they all saw, whatever number of people."""
    known = people(profile_ids)
    shown = [one for one in profile_ids if one in known]
    placed = list(placed_leaves(reading.node))
    seen = values_seen([leaf for _, leaf in placed], reading.scope(shown)) if shown else {}
    holding = [_holding(reading, leaf, shown) for _, leaf in placed]
    return [
        Example(
            one,
            known[one],
            tuple(
                Saw(place, leaf.english(), one in holding[n], seen.get((n, one), ""))
                for n, (place, leaf) in enumerate(placed)
            ),
        )
        for one in shown
    ]


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
