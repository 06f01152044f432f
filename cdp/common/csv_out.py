"""CSV that spreadsheets open without running anything in it (OWASP: CSV injection)."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

ACTIVE = ("=", "+", "-", "@", "\t", "\r", "\n")
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)*(e[+-]?\d+)?", re.IGNORECASE)


def safe_cell(value: object) -> str:
    """Text that would run as a formula gets an apostrophe in front; what is a plain number stays one."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip(" ").startswith(ACTIVE) and not _NUMBER.fullmatch(text) else text


def csv_lines(rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """One line per row, for a streaming answer."""
    for row in rows:
        out = io.StringIO()
        csv.writer(out).writerow([safe_cell(cell) for cell in row])
        yield out.getvalue()
