"""COPY into PostgreSQL: the fastest way in for many rows (notes in docs/operations.md, Speed)."""

import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
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


# An array literal bound as one parameter and cast in the SQL (`%s::bigint[]`). psycopg2 adapts lists element by
# element, which at 5,000 rows costs more than the statement itself.


def numbers(values: Iterable[int | Decimal]) -> str:
    return "{" + ",".join(map(str, values)) + "}"


def times(values: Iterable[datetime]) -> str:
    return "{" + ",".join(map(datetime.isoformat, values)) + "}"


def texts(values: Sequence[str]) -> str:
    """Escapes all values in one go. Raises ValueError where PostgreSQL would: for a NUL character."""
    joined = "\0".join(values)
    if joined.count("\0") > len(values) - 1 and values:
        raise ValueError("A text holds a NUL character, which PostgreSQL cannot store.")
    quoted = joined.replace("\\", "\\\\").replace('"', '\\"').replace("\0", '","')
    return f'{{"{quoted}"}}' if values else "{}"


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
