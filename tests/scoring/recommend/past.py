"""Interactions out of short rows, without a database."""

from collections.abc import Iterable, Sequence

import numpy as np

from scoring.recommend.interactions import DAY_S, Did, Interactions, interactions
from scoring.recommend.knowledge import Catalogue, catalogue_of
from tests.scoring.recommend.shop import NOW, Deed

NOW_S = NOW.timestamp()
Row = tuple[int, int, Did, float]
"""(person, item, what, days before NOW)"""


def past(*rows: Row) -> Interactions:
    columns: Sequence[Sequence[float]] = list(zip(*rows, strict=True)) if rows else [(), (), (), ()]
    who, item, did = (np.array(column, dtype=np.int64) for column in columns[:3])
    return interactions(who, item, did, NOW_S - np.array(columns[3], dtype=np.float64) * DAY_S)


def past_of(deeds: Iterable[Deed], catalogue: Catalogue) -> Interactions:
    place = {item: index for index, item in enumerate(catalogue.ids)}
    rows = [(who, place[item], did, at.timestamp()) for who, did, items, at in deeds for item in items]
    who, item, did, at_s = (np.array(column) for column in zip(*rows, strict=True))
    return interactions(who.astype(np.int64), item.astype(np.int64), did.astype(np.int64), at_s.astype(np.float64))


def plain_catalogue(n: int, *, categories: int = 1) -> Catalogue:
    return catalogue_of([(f"i{index}", f"c{index % categories}", "") for index in range(n)])
