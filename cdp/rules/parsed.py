"""Rules parsed once per process: again only when what parsing looks up beside the rule has changed."""

import json
from collections.abc import Hashable, Mapping
from dataclasses import dataclass

from cdp.rules.parse import parse
from cdp.rules.tree import Node, Outside, leaves

MOST = 5_000
"""Rules kept; a deployment has hundreds."""


@dataclass(frozen=True)
class _Kept:
    node: Node
    looked_up: Mapping[Outside, Hashable]


_kept: dict[str, _Kept] = {}


class Parser:
    """For one transaction: what rules look up is read once for all of them."""

    def __init__(self) -> None:
        self._seen: dict[Outside, Hashable] = {}

    def parse(self, rule: str) -> Node:
        """`rule` is the document as text. Raises RuleError."""
        kept = _kept.get(rule)
        if kept is None or any(self._look(one) != value for one, value in kept.looked_up.items()):
            kept = self._read(rule)
            if len(_kept) >= MOST:
                _kept.clear()
            _kept[rule] = kept
        return kept.node

    def _read(self, rule: str) -> _Kept:
        """What is looked up is known only afterwards; it must not be newer than the tree, so it is read before."""
        while True:
            known = frozenset(self._seen)
            node = parse(json.loads(rule))
            needed = frozenset().union(*(leaf.outside() for leaf in leaves(node)))
            looked_up = {one: self._look(one) for one in needed}
            if needed <= known:
                return _Kept(node, looked_up)

    def _look(self, one: Outside) -> Hashable:
        if one not in self._seen:
            self._seen[one] = one()
        return self._seen[one]
