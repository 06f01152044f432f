"""Numbers out of PostgreSQL as arrays: COPY's binary form has them as NumPy does, so no value becomes a Python object.

Measured with 200,000 rows of 60 columns: rows of psycopg2 take six times as long.
https://www.postgresql.org/docs/current/sql-copy.html, Binary Format.
"""

import io

import numpy as np
from numpy.typing import NDArray

from cdp.common.copying import Cursor
from cdp.rules.sql import Sql

HEADER = 19
"""Signature, flags and the length of an extension that is never there."""
END = 2


def read_numbers(cursor: Cursor, sql: Sql, *, columns: int) -> NDArray[np.float64]:
    """The rows of a query whose columns are all float8 and never null: (rows, columns)."""
    found: NDArray[np.float64] = _read(cursor, sql, columns, ">f8").astype(np.float64)
    return found


def read_packed(cursor: Cursor, sql: Sql) -> NDArray[np.int64]:
    """The rows of a query with one column, a bigint that is never null."""
    found: NDArray[np.int64] = _read(cursor, sql, 1, ">i8")[:, 0].astype(np.int64)
    return found


def _read(cursor: Cursor, sql: Sql, columns: int, kind: str) -> NDArray[np.generic]:
    raw = io.BytesIO()
    statement = cursor.mogrify(sql.text, sql.values).decode()
    with cursor.db.wrap_database_errors:  # psycopg2's own method: its errors become Django's
        cursor.cursor.copy_expert(f"copy ({statement}) to stdout (format binary)", raw)
    row = np.dtype([("count", ">i2"), ("fields", [("length", ">i4"), ("value", kind)], (columns,))])
    rows = np.frombuffer(raw.getbuffer()[HEADER:-END], row)
    found: NDArray[np.generic] = rows["fields"]["value"]
    return found
