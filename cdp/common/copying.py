"""COPY into PostgreSQL: the fastest way in for many rows (notes in docs/operations.md, Speed)."""

import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.backends.utils import CursorWrapper

Cursor = CursorWrapper

NULL = "\\N"
_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def field(value: Any) -> str:
    """One value in COPY's text format. JSON is passed as text, bytes as hex."""
    if value is None:
        return NULL
    if isinstance(value, str):
        return escaped(value)
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return "\\\\x" + value.hex()
    return str(value)


def escaped(text: str) -> str:
    if "\\" in text or "\n" in text or "\t" in text or "\r" in text:
        return text.translate(_ESCAPES)
    return text


def array(values: Iterable[Any]) -> str:
    """An array literal to bind as one parameter, cast in the SQL: `%s::bigint[]`.

    psycopg2 adapts lists element by element, which costs more than the statement itself at 5,000 rows.
    """
    return "{" + ",".join(map(_element, values)) + "}"


def _element(value: Any) -> str:
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if value is None:
        return "NULL"
    return value.isoformat() if isinstance(value, datetime) else str(value)


def copy_rows(cursor: Cursor, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Appends the rows. `table` and `columns` are literals of the calling module, never input."""
    lines = ["\t".join(map(field, row)) for row in rows]
    if lines:
        copy_lines(cursor, table, columns, lines)


def copy_lines(cursor: Cursor, table: str, columns: Sequence[str], lines: Sequence[str]) -> None:
    """Appends ready-made lines of COPY's text format, without their line ends."""
    text = io.StringIO("\n".join(lines) + "\n")
    with cursor.db.wrap_database_errors:  # psycopg2's own method: its errors become Django's
        cursor.cursor.copy_expert(f"copy {table} ({', '.join(columns)}) from stdin", text)
