"""JSON to tree. Whatever is not understood is an error with its place, never an empty set."""

from cdp.rules.cuts import wanted_cuts
from cdp.rules.fields import Fields, RuleError
from cdp.rules.registry import parse_leaf
from cdp.rules.tree import VERSION, AllOf, AnyOf, Node, NotOf

DEEPEST = 8
WIDEST = 50


def parse(rule: object, *, keeps_cuts: bool = False) -> Node:
    """`rule` is the whole document: `{"version": 1, "root": …}`.

    `keeps_cuts`: the caller measures the cuts that percentiles compare with; without them such a rule has no answer.
    """
    fields = Fields.of(rule, "rule")
    fields.only("version", "root")
    if fields.value("version") != VERSION:
        raise RuleError(fields.at("version"), f"must be {VERSION}")
    node = _node(Fields.of(fields.value("root"), "root"), DEEPEST)
    if not keeps_cuts and wanted_cuts(node):
        raise RuleError("root", "compares with a boundary among all people (percentile, top), which is not kept here")
    return node


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
