"""Numbers out of PostgreSQL as arrays: COPY's binary form has them as NumPy does, so no value becomes a Python object.

Measured with 200,000 rows of 60 columns: rows of psycopg2 take six times as long.
"""

import io

import numpy as np
from numpy.typing import NDArray

from cdp.common.copying import Cursor
from cdp.rules.sql import Sql

HEADER = 19
"""Signature, flags and the length of an extension that is never there.
https://www.postgresql.org/docs/current/sql-copy.html, Binary Format."""
END = 2


def read_numbers(cursor: Cursor, sql: Sql) -> NDArray[np.float64]:
    """The rows of a query whose columns are all float8 and never null: (rows, columns)."""
    raw = io.BytesIO()
    statement = cursor.mogrify(sql.text, sql.values).decode()
    with cursor.db.wrap_database_errors:  # psycopg2's own method: its errors become Django's
        cursor.cursor.copy_expert(f"copy ({statement}) to stdout (format binary)", raw)
    body = raw.getbuffer()[HEADER:-END]
    if not len(body):
        return np.empty((0, _columns(cursor, statement)))
    columns = int.from_bytes(body[:2], "big", signed=True)
    row = np.dtype([("count", ">i2"), ("fields", [("length", ">i4"), ("value", ">f8")], (columns,))])
    return np.frombuffer(body, row)["fields"]["value"].astype(np.float64)


def _columns(cursor: Cursor, statement: str) -> int:
    """Of a query without rows."""
    cursor.cursor.execute(f"select * from ({statement}) q limit 0")
    return len(cursor.cursor.description)
