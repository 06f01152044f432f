"""What is another in one rule than in another, condition by condition, in words."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cdp.rules.fields import Fields, RuleError
from cdp.rules.parse import parse
from cdp.rules.registry import parse_leaf
from cdp.rules.to_english import to_english

NAMES = ("name", "id", "by", "seed")
"""What a condition is about: two of one kind about the same are one that was changed."""


@dataclass(frozen=True)
class Condition:
    about: tuple[Any, ...]
    words: str


@dataclass(frozen=True)
class RuleDifference:
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[tuple[str, str], ...] = ()
    """Each as it was and as it is."""
    is_rearranged: bool = False
    """The same conditions, joined otherwise."""

    @property
    def is_empty(self) -> bool:
        return not (self.added or self.removed or self.changed or self.is_rearranged)


def difference(old: Any, new: Any) -> RuleDifference:
    """Also of rules that cannot be read any more: they are shown with what is wrong."""
    before, after = Counter(_conditions(old)), Counter(_conditions(new))
    removed, added = list((before - after).elements()), list((after - before).elements())
    changed = []
    for one in tuple(removed):
        if other := next((other for other in added if other.about == one.about), None):
            removed.remove(one)
            added.remove(other)
            changed.append((one.words, other.words))
    is_rearranged = old != new and not (removed or added or changed) and english(old) != english(new)
    return RuleDifference(
        tuple(one.words for one in added), tuple(one.words for one in removed), tuple(changed), is_rearranged
    )


def english(rule: Any) -> str:
    try:
        return to_english(parse(rule))
    except RuleError as error:
        return f"The rule cannot be read: {error}"


def _conditions(rule: Any) -> Iterator[Condition]:
    root = rule.get("root") if isinstance(rule, dict) else None
    yield from _of_node(root, "root", is_denied=False)


def _of_node(node: Any, place: str, *, is_denied: bool) -> Iterator[Condition]:
    kind = node.get("kind") if isinstance(node, dict) else None
    inner = node.get("of") if isinstance(node, dict) else None
    if kind in ("all", "any") and isinstance(inner, list):
        for index, child in enumerate(inner):
            yield from _of_node(child, f"{place}.of[{index}]", is_denied=is_denied)
    elif kind == "not":
        yield from _of_node(inner, f"{place}.of", is_denied=not is_denied)
    else:
        yield _of_leaf(node, place, is_denied=is_denied)


def _of_leaf(leaf: Any, place: str, *, is_denied: bool) -> Condition:
    prefix = "not those " if is_denied else ""
    try:
        words = parse_leaf(Fields.of(leaf, place)).english()
    except RuleError as error:
        words = f"a condition that cannot be read ({error})"
    if not isinstance(leaf, dict):
        return Condition((place,), prefix + words)
    return Condition((leaf.get("kind"), *(str(leaf.get(name)) for name in NAMES)), prefix + words)
