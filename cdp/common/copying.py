"""COPY into PostgreSQL: the fastest way in for many rows (notes in docs/operations.md, Speed)."""

import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.backends.utils import CursorWrapper

Cursor = CursorWrapper

_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def field(value: Any) -> str:
    """One value in COPY's text format. JSON is passed as text, bytes as hex."""
    if value is None:
        return "\\N"
    if isinstance(value, str):
        return value.translate(_ESCAPES) if _needs_escape(value) else value
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return "\\\\x" + value.hex()
    return str(value)


def _needs_escape(text: str) -> bool:
    return "\\" in text or "\n" in text or "\t" in text or "\r" in text


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
