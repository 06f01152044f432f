"""JSON to tree. Whatever is not understood is an error with its place, never an empty set."""

from cdp.rules.fields import Fields, RuleError
from cdp.rules.registry import parse_leaf
from cdp.rules.tree import VERSION, AllOf, AnyOf, Node, NotOf

DEEPEST = 8
WIDEST = 50


def parse(rule: object) -> Node:
    """`rule` is the whole document: `{"version": 1, "root": …}`."""
    fields = Fields.of(rule, "rule")
    fields.only("version", "root")
    if fields.value("version") != VERSION:
        raise RuleError(fields.at("version"), f"must be {VERSION}")
    return _node(Fields.of(fields.value("root"), "root"), DEEPEST)


def _node(fields: Fields, depth: int) -> Node:
    if depth == 0:
        raise RuleError(fields.place, f"is nested deeper than {DEEPEST} groups")
    kind = fields.text("kind")
    if kind in ("all", "any"):
        fields.only("kind", "of")
        children = fields.items("of", most=WIDEST)
        if not children:
            raise RuleError(fields.at("of"), "needs at least one condition")
        nodes = tuple(_node(child, depth - 1) for child in children)
        return AllOf(nodes) if kind == "all" else AnyOf(nodes)
    if kind == "not":
        fields.only("kind", "of")
        return NotOf(_node(fields.inner("of"), depth - 1))
    return parse_leaf(fields)
