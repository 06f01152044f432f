"""Tree to SQL: always a set of profile ids, in shapes that also run on a distributed database."""

from cdp.rules.sql import Sql, fill, join
from cdp.rules.tree import AllOf, Leaf, Node, NotOf, Scope


def members_sql(node: Node, scope: Scope) -> Sql:
    """Selects the ids of those the rule holds for. Merged profiles are never among them."""
    return fill(
        "select p.id from profiles_profile p where p.merged_into is null{narrowed} and {condition}",
        narrowed=scope.narrowed("p.id"),
        condition=_condition(node, scope),
    )


def _condition(node: Node, scope: Scope) -> Sql:
    """For given people each set is found once and looked up: PostgreSQL makes no join of what `is true` stands behind,
    which it would sometimes repeat for each of them because it expects one."""
    if isinstance(node, Leaf):
        found = node.members(scope)
        said = "p.id not in ({set})" if found.is_complement else "p.id in ({set})"
        return fill(said if scope.ids is None else f"({said}) is true", set=found.sql)
    if isinstance(node, NotOf):
        return fill("not ({inner})", inner=_condition(node.of, scope))
    joint = " and " if isinstance(node, AllOf) else " or "
    return fill("({inner})", inner=join(joint, [_condition(child, scope) for child in node.of]))
