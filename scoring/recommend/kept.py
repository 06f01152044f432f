"""What is known about items, in its tables: written whole by a run, read in the part that some people need."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
import numpy as np
from django.db import connection, transaction
from scipy import sparse

from cdp.common.copying import Cursor, copy_rows
from scoring.item_models import ItemNeighbours
from scoring.recommend.figures import Figures
from scoring.recommend.knowledge import TOP_ALL, TOP_OF_CATEGORY, TOP_OF_GROUP, Catalogue, Knowledge, catalogue_of
from scoring.recommend.pairs import Pairs

Kind = ItemNeighbours.Kind
FIGURES = (
    "item_id", "category", "brand", "share", "in_category", "in_group", "people", "again_share", "again_days",
)  # fmt: skip
Row = tuple[Any, ...]
"""Of FIGURES."""
_TOP = f"""
select {", ".join(FIGURES)} from scoring_itemfigures f where item_id = any(%(items)s)
union
(select {", ".join(FIGURES)} from scoring_itemfigures where share > 0
  order by share desc, item_id collate "C" limit {TOP_ALL})
union
select {", ".join(f"t.{name}" for name in FIGURES)}
  from (select distinct category from scoring_itemfigures where item_id = any(%(own)s) and category <> '') c
  cross join lateral (select * from scoring_itemfigures i where i.category = c.category and i.in_category > 0
                       order by i.in_category desc, i.item_id collate "C" limit {TOP_OF_CATEGORY}) t
union
select {", ".join(f"t.{name}" for name in FIGURES)}
  from (select distinct category, brand from scoring_itemfigures where item_id = any(%(own)s) and brand <> '') c
  cross join lateral (select * from scoring_itemfigures i where i.category = c.category and i.brand = c.brand
                       and i.in_group > 0 order by i.in_group desc, i.item_id collate "C" limit {TOP_OF_GROUP}) t"""


def write(known: Knowledge, rows: Sequence[tuple[str, str, str]], *, now: datetime) -> None:
    """Replaces what was known. `rows` are the catalogue's (id, category, brand), in the order of `known`."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("delete from scoring_itemfigures")
        copy_rows(cursor, "scoring_itemfigures", FIGURES, _figures(known.figures, rows))
        cursor.execute("delete from scoring_itemneighbours")
        for kind, pairs in ((Kind.SIMILAR, known.similar), (Kind.TOGETHER, known.together), (Kind.AFTER, known.after)):
            lines = (
                (item, kind.value, neighbours, now) for item, neighbours in _neighbours(pairs, known.catalogue.ids)
            )
            copy_rows(cursor, "scoring_itemneighbours", ("item_id", "kind", "neighbours", "computed_at"), lines)


def read(items: Iterable[str]) -> Knowledge:
    """All that lists for people with these items can hold. The answer is the same as from all that is known."""
    own = sorted(set(items))
    with connection.cursor() as cursor:
        neighbours = _read_neighbours(cursor, own)
        wanted = {*own, *(other for rows in neighbours.values() for one in rows.values() for other, _, _ in one)}
        cursor.execute(_TOP, {"items": sorted(wanted), "own": own})
        found: dict[str, Row] = {row[0]: row for row in cursor.fetchall()}
        # An item younger than the latest run has no figures yet.
        cursor.execute(
            "select id, category, brand from events_item where id = any(%s)",
            [[item for item in own if item not in found]],
        )
        found |= {row[0]: (*row, 0.0, 0.0, 0.0, 0, 0.0, 0.0) for row in cursor.fetchall()}
    rows = [found[item] for item in sorted(found)]
    catalogue = catalogue_of([row[:3] for row in rows])
    pairs = {kind: _pairs(of_kind, catalogue) for kind, of_kind in neighbours.items()}
    return Knowledge(catalogue, _as_figures(rows), pairs[Kind.SIMILAR], pairs[Kind.TOGETHER], pairs[Kind.AFTER])


def neighbours_of(item_id: str, kind: str) -> list[tuple[str, float, int]]:
    """(item id, strength, people behind it), strongest first."""
    with connection.cursor() as cursor:
        return _read_neighbours(cursor, [item_id])[Kind(kind)].get(item_id, [])


def popular(*, category: str = "", most: int) -> list[tuple[str, float]]:
    """(item id, share of all interest), the most popular first."""
    column = "in_category" if category else "share"
    with connection.cursor() as cursor:
        cursor.execute(
            f"select item_id, share from scoring_itemfigures where (%s = '' or category = %s) and share > 0"
            f' order by {column} desc, item_id collate "C" limit %s',
            [category, category, most],
        )
        return list(cursor.fetchall())


def _figures(figures: Figures, rows: Sequence[tuple[str, str, str]]) -> Iterator[Row]:
    columns = (
        figures.share, figures.in_category, figures.in_group, figures.people, figures.again_share, figures.again_days,
    )  # fmt: skip
    for row, *numbers in zip(rows, *(column.tolist() for column in columns), strict=True):
        yield *row, *numbers


def _neighbours(pairs: Pairs, ids: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Item → its neighbours as JSON, strongest first."""
    strength, behind = pairs.strength, pairs.behind
    for item in np.flatnonzero(np.diff(strength.indptr)).tolist():
        span = slice(strength.indptr[item], strength.indptr[item + 1])
        order = np.lexsort((strength.indices[span], -strength.data[span]))
        lines = [
            (ids[other], round(float(pull), 4), int(n))
            for other, pull, n in zip(
                strength.indices[span][order], strength.data[span][order], behind.data[span][order], strict=True
            )
        ]
        yield ids[item], msgspec.json.encode(lines).decode()


_decoder = msgspec.json.Decoder(list[tuple[str, float, int]])
Neighbours = dict[str, list[tuple[str, float, int]]]


def _read_neighbours(cursor: Cursor, items: list[str]) -> dict[Kind, Neighbours]:
    cursor.execute(
        "select kind, item_id, neighbours::text from scoring_itemneighbours where item_id = any(%s)", [items]
    )
    found: dict[Kind, Neighbours] = {kind: {} for kind in Kind}
    for kind, item, text in cursor.fetchall():
        found[Kind(kind)][item] = _decoder.decode(text)
    return found


def _pairs(neighbours: Neighbours, catalogue: Catalogue) -> Pairs:
    position = {item: place for place, item in enumerate(catalogue.ids)}
    cells = [
        (position[item], position[other], strength, n)
        for item, others in neighbours.items()
        for other, strength, n in others
        if item in position and other in position
    ]
    row, column, strength, n = np.array(cells, dtype=np.float64).reshape(-1, 4).T
    shape, where = (len(catalogue), len(catalogue)), (row.astype(np.int64), column.astype(np.int64))
    return Pairs(
        sparse.csr_array((strength.astype(np.float32), where), shape=shape),
        sparse.csr_array((n.astype(np.float32), where), shape=shape),
    )


def _as_figures(rows: Sequence[Row]) -> Figures:
    numbers = np.array([row[3:] for row in rows], dtype=np.float64).reshape(-1, 6).T
    return Figures(numbers[0], numbers[1], numbers[2], numbers[3].astype(np.int64), numbers[4], numbers[5])
