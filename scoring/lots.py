"""What predictors say of people, as arrays, and the fastest way of them into PostgreSQL. No decisions here."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cdp.common.copying import Cursor
from cdp.rules.sql import Sql

Numbers = NDArray[np.float64]
Ids = NDArray[np.int64]
FEW = 1_000
"""Rows that are passed as values: a table of their own, made and dropped, costs more than it saves."""
_SIGNATURE = b"PGCOPY\n\xff\r\n\0" + b"\0" * 8
_END = b"\xff\xff"


@dataclass(frozen=True)
class Lot:
    """What one version says of some people; shape (people,) each, in the order of their ids."""

    predictor_id: int
    model_id: int
    profile_ids: Ids
    values: Numbers
    percentiles: Numbers
    days: Numbers | None = None
    """Of next orders: days until the order from now on, NaN where none is expected; (people, 3): the earliest, the
    median, the latest."""
    is_cold: bool = False

    def within(self, after: int, until: int) -> "Lot":
        """Of the people with after < id <= until."""
        first, last = np.searchsorted(self.profile_ids, [after, until], side="right")
        some = slice(int(first), int(last))
        return Lot(
            self.predictor_id,
            self.model_id,
            self.profile_ids[some],
            self.values[some],
            self.percentiles[some],
            None if self.days is None else self.days[some],
            self.is_cold,
        )


def fresh(cursor: Cursor, lots: Sequence[Lot]) -> Sql:
    """A common table expression `fresh_scores` of all the lots, or nothing where a temporary table of that name was
    filled instead."""
    rows = np.concatenate([_rows(lot) for lot in lots]).astype(_ROW)  # concatenating forgets the order of the bytes
    rows = rows[np.lexsort((rows["predictor_id"], rows["profile_id"]))]
    if len(rows) > FEW:
        _copy(cursor, rows)
        return Sql("")
    arrays = ", ".join(f"%s::{kind}[]" for _, kind, _ in _FIELDS)
    names = ", ".join(name for name, _, _ in _FIELDS)
    return Sql(
        f"fresh_scores as materialized (select * from unnest({arrays}) t({names})), ",
        tuple("{" + ",".join(map(str, rows[name].tolist())) + "}" for name, _, _ in _FIELDS),
    )


def _copy(cursor: Cursor, rows: NDArray[Any]) -> None:
    """In the binary form, which is the arrays as they are: 40 times as fast as text."""
    columns = ", ".join(f"{name} {kind}" for name, kind, _ in _FIELDS)
    cursor.execute(f"create temporary table if not exists fresh_scores ({columns}) on commit drop")
    cursor.execute("truncate fresh_scores")
    data = io.BytesIO(_SIGNATURE + rows.tobytes() + _END)
    with cursor.db.wrap_database_errors:
        cursor.cursor.copy_expert("copy fresh_scores from stdin (format binary)", data)
    cursor.execute("analyze fresh_scores")


_FIELDS = (
    ("profile_id", "bigint", ">i8"),
    ("predictor_id", "bigint", ">i8"),
    ("model_id", "bigint", ">i8"),
    ("is_cold", "boolean", "?"),
    ("value", "float8", ">f8"),
    ("percentile", "float8", ">f8"),
    ("earliest", "float8", ">f8"),
    ("median", "float8", ">f8"),
    ("latest", "float8", ">f8"),
)
_ROW = np.dtype(
    [("fields", ">i2"), *(part for name, _, kind in _FIELDS for part in ((f"size_{name}", ">i4"), (name, kind)))]
)


def _rows(lot: Lot) -> NDArray[Any]:
    rows = np.zeros(len(lot.profile_ids), _ROW)
    rows["fields"] = len(_FIELDS)
    for name, _, kind in _FIELDS:
        rows[f"size_{name}"] = np.dtype(kind).itemsize
    rows["profile_id"], rows["predictor_id"], rows["model_id"] = lot.profile_ids, lot.predictor_id, lot.model_id
    rows["value"], rows["percentile"], rows["is_cold"] = lot.values, lot.percentiles, lot.is_cold
    rows["earliest"], rows["median"], rows["latest"] = (np.nan,) * 3 if lot.days is None else lot.days.T
    return rows
