"""The kinds of leaves. Apps above register theirs, so the language knows no table above it."""

from collections.abc import Mapping
from types import MappingProxyType

from cdp.rules.fields import Fields, RuleError
from cdp.rules.tree import Leaf

_kinds: dict[str, type[Leaf]] = {}


def register(leaf: type[Leaf]) -> type[Leaf]:
    _kinds[leaf.kind] = leaf
    return leaf


def kinds() -> Mapping[str, type[Leaf]]:
    return MappingProxyType(_kinds)


def parse_leaf(fields: Fields) -> Leaf:
    kind = fields.text("kind")
    if kind not in _kinds:
        raise RuleError(fields.at("kind"), f"must be one of all, any, not, {', '.join(_kinds)}")
    return _kinds[kind].parse(fields)
