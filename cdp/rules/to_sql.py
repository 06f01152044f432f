"""Tree to SQL: always a set of profile ids, in shapes that also run on a distributed database."""

from collections.abc import Callable

from cdp.rules.sql import Sql, fill, join
from cdp.rules.tree import AllOf, Leaf, Node, NotOf, Own, Scope


def members_sql(node: Node, scope: Scope) -> Sql:
    """Selects the ids of those the rule holds for. Merged profiles are never among them."""
    return fill(
        "select p.id from profiles_profile p where p.merged_into is null{narrowed} and {condition}",
        narrowed=scope.narrowed("p.id"),
        condition=condition(node, lambda leaf: _holds(leaf, scope)),
    )


def condition(node: Node, holds: Callable[[Leaf], Sql]) -> Sql:
    """Whether the rule holds for `p`; `holds` says it of a leaf, and must not be null where it may be denied."""
    if isinstance(node, Leaf):
        return holds(node)
    if isinstance(node, NotOf):
        return fill("(not {inner})", inner=condition(node.of, lambda leaf: fill("({it}) is true", it=holds(leaf))))
    joint = " and " if isinstance(node, AllOf) else " or "
    return fill("({inner})", inner=join(joint, [condition(child, holds) for child in node.of]))


def _holds(leaf: Leaf, scope: Scope) -> Sql:
    """For given people each set is found once and looked up: PostgreSQL makes no join of what `is true` stands behind,
    which it would sometimes repeat for each of them because it expects one."""
    found = leaf.members(scope)
    if isinstance(found, Own):
        return fill("({it})", it=found.condition)
    said = "p.id not in ({set})" if found.is_complement else "p.id in ({set})"
    return fill(said if scope.ids is None else f"({said}) is true", set=found.sql)
