"""What is known about items at a moment: who goes with whom, what is popular. Learned from interactions alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from scoring.recommend.figures import Figures, figures
from scoring.recommend.interactions import Floats, Interactions, Ints
from scoring.recommend.pairs import Pairs, afterwards, similar, strongest, together

TOP_ALL, TOP_OF_CATEGORY, TOP_OF_GROUP = 60, 40, 15
"""So many of the most popular are looked at for everybody, and for those fond of a category or a brand of it."""


@dataclass(frozen=True)
class Catalogue:
    """Items by position. Category and group (a brand within a category) are positions of their own; -1 is none."""

    ids: tuple[str, ...]
    category: Ints
    group: Ints

    def __len__(self) -> int:
        return len(self.ids)


def catalogue_of(rows: Sequence[tuple[str, str, str]]) -> Catalogue:
    """From (id, category, brand)."""
    categories: dict[str, int] = {}
    groups: dict[tuple[str, str], int] = {}
    of_category = [categories.setdefault(category, len(categories)) if category else -1 for _, category, _ in rows]
    of_group = [groups.setdefault((category, brand), len(groups)) if brand else -1 for _, category, brand in rows]
    ids = tuple(row[0] for row in rows)
    return Catalogue(ids, np.array(of_category, dtype=np.int64), np.array(of_group, dtype=np.int64))


@dataclass(frozen=True)
class Knowledge:
    catalogue: Catalogue
    figures: Figures
    similar: Pairs
    together: Pairs
    after: Pairs

    @cached_property
    def leads_to(self) -> sparse.csr_array:
        """Rows sum to 1: where interest in an item goes on to."""
        return _stochastic(self.similar.strength)

    @cached_property
    def goes_with(self) -> sparse.csr_array:
        """The same of what was bought: in the same order, or next."""
        return _stochastic(self.together.strength + self.after.strength)

    @cached_property
    def by_category(self) -> sparse.csr_array:
        """Categories × items: the popular ones of each, by their share in it."""
        return _top(self.catalogue.category, self.figures.in_category, TOP_OF_CATEGORY)

    @cached_property
    def by_group(self) -> sparse.csr_array:
        return _top(self.catalogue.group, self.figures.in_group, TOP_OF_GROUP)

    @cached_property
    def popular(self) -> Ints:
        """Items that are popular with everybody, the most popular first."""
        share = self.figures.share
        order = np.lexsort((np.arange(len(share)), -share))
        return order[share[order] > 0]


def learn(rows: Interactions, catalogue: Catalogue, *, now_s: float) -> Knowledge:
    """From what happened until then: later rows are not looked at."""
    past, n_items = rows.until(now_s), len(catalogue)
    return Knowledge(
        catalogue=catalogue,
        figures=figures(past, category=catalogue.category, group=catalogue.group, now_s=now_s),
        similar=similar(past, n_items=n_items, now_s=now_s),
        together=together(past, n_items=n_items),
        after=afterwards(past, category=catalogue.category, n_items=n_items),
    )


def _stochastic(strength: sparse.csr_array) -> sparse.csr_array:
    made = sparse.csr_array(strength, dtype=np.float64)
    sums = np.repeat(np.asarray(made.sum(axis=1)).ravel(), np.diff(made.indptr))
    made.data = np.divide(made.data, sums, out=np.zeros_like(made.data), where=sums > 0)
    return made


def _top(key: Ints, share: Floats, most: int) -> sparse.csr_array:
    n_keys = int(key.max(initial=-1)) + 1
    item = np.flatnonzero((key >= 0) & (share > 0))
    kept = item[strongest(key[item], share[item], most)]
    return sparse.csr_array((share[kept], (key[kept], kept)), shape=(n_keys, len(key)))
