"""A rule as a sentence."""

from cdp.rules.tree import AllOf, AnyOf, Leaf, Node, NotOf


def to_english(node: Node) -> str:
    return f"People {_clause(node, outer=True)}"


def _clause(node: Node, *, outer: bool = False) -> str:
    if isinstance(node, Leaf):
        return node.english()
    if isinstance(node, NotOf):
        return f"except those {_clause(node.of)}"
    if len(node.of) == 1:
        return _clause(node.of[0], outer=outer)
    joint = {AllOf: " and ", AnyOf: " or "}[type(node)]
    words = joint.join(_clause(child) for child in node.of)
    return words if outer else f"({words})"
