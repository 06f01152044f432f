"""A rule as a sentence."""

from cdp.rules.tree import AllOf, Leaf, Node, NotOf


def to_english(node: Node) -> str:
    return f"People {_clause(node, outer=True)}"


def _clause(node: Node, *, outer: bool = False) -> str:
    if isinstance(node, Leaf):
        return node.english()
    if isinstance(node, NotOf):
        return f"except those {_clause(node.of)}"
    if len(node.of) == 1:
        return _clause(node.of[0], outer=outer)
    words = _all(node) if isinstance(node, AllOf) else " or ".join(_clause(child) for child in node.of)
    return words if outer else f"({words})"


def _all(node: AllOf) -> str:
    """What holds first, then who is taken out again."""
    without = [child for child in node.of if isinstance(child, NotOf)]
    holding = [child for child in node.of if not isinstance(child, NotOf)]
    positive = " and ".join(_clause(child) for child in holding)
    negative = ", nor those ".join(_clause(child.of) for child in without)
    if not without:
        return positive
    return f"{positive}, but not those {negative}" if positive else f"except those {negative}"
