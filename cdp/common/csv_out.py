"""CSV that spreadsheets open without running anything in it (OWASP: CSV injection), and from which each value can
be read back: an apostrophe in front is ours if what follows would run, whatever apostrophes it begins with itself."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

ACTIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What begins a formula; the wide ones do where the keyboard is Japanese."""
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)*(e[+-]?\d+)?", re.IGNORECASE)


def safe_cell(value: object) -> str:
    """Text that would run as a formula gets an apostrophe in front; what is a plain number stays one."""
    text = "" if value is None else str(value)
    return f"'{text}" if _runs(text.lstrip("'")) and not _NUMBER.fullmatch(text) else text


def plain_cell(cell: str) -> str:
    """The value that `safe_cell` made the cell of."""
    return cell[1:] if cell.startswith("'") and _runs(cell.lstrip("'")) else cell


def _runs(text: str) -> bool:
    return text.lstrip(" \u00a0\ufeff").startswith(ACTIVE)


def csv_lines(rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """One line per row, for a streaming answer."""
    for row in rows:
        out = io.StringIO()
        csv.writer(out).writerow([safe_cell(cell) for cell in row])
        yield out.getvalue()
