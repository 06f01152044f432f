"""Where content parts, each place with its key, its rules and the words for its branches."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from campaigns.content.tokens import Branch
from cdp.rules.to_english import to_english
from cdp.rules.tree import Node


@dataclass(frozen=True)
class Split:
    """`rules[n]` is the index of the rule that leads to branch n; the last branch is for all others."""

    key: str
    label: str
    rules: tuple[int, ...]
    branches: tuple[str, ...]
    """What each is called; one more than there are rules."""
    inside: tuple[Branch, ...]
    """The branches of others that lead to it."""


@dataclass
class Splits:
    rules: list[Node] = field(default_factory=list)
    splits: list[Split] = field(default_factory=list)

    def add(self, key: str, *, label: str, whens: Sequence[Node], inside: tuple[Branch, ...]) -> int:
        """The new split's index; a rule that stands elsewhere, too, is the same rule."""
        indexes = []
        for when in whens:
            if when not in self.rules:
                self.rules.append(when)
            indexes.append(self.rules.index(when))
        branches = (*map(to_english, whens), "Everybody else")
        self.splits.append(Split(key, label, tuple(indexes), branches, inside))
        return len(self.splits) - 1
