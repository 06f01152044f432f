"""CSV files as they come: gzip or not, UTF-8 with or without a mark, UTF-16, Latin-1; comma, semicolon, tab or bar."""

import csv
import gzip
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

HEAD = 256_000
DELIMITERS = ",;\t|"
WIDEST = 500
LARGEST_CELL = 1_000_000

csv.field_size_limit(LARGEST_CELL)


class BadTable(ValueError):
    """The file is not a table that can be read."""


@dataclass(frozen=True, slots=True)
class Form:
    """How a file is written."""

    encoding: str
    delimiter: str
    headers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of cells, as wide as the headers; `number` is what a spreadsheet shows, the header being row 1."""

    number: int
    cells: list[str]
    is_ragged: bool = False


def recognise(path: Path) -> Form:
    with _bytes(path) as stream:
        try:
            head = stream.read(HEAD)
        except (OSError, EOFError) as error:
            raise BadTable(f"The file cannot be unpacked: {error}.") from error
    if not head.strip():
        raise BadTable("The file is empty.")
    encoding = _encoding(head)
    text = head.decode(encoding, "replace")
    if "\0" in text:
        raise BadTable("This is not a text file. Save the sheet as CSV and upload that.")
    first = text.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=first.count)
    headers = next(csv.reader(io.StringIO(text), delimiter=delimiter), [])
    if not 1 <= len(headers) <= WIDEST or not any(name.strip() for name in headers):
        raise BadTable(f"The first row must name the columns, {WIDEST} at most.")
    return Form(encoding, delimiter, tuple(_named(headers)))


def rows(path: Path, form: Form) -> Iterator[Row]:
    """All rows after the header. Rows without any text are passed over."""
    width = len(form.headers)
    with _bytes(path) as stream:
        reader = csv.reader(
            io.TextIOWrapper(stream, form.encoding, errors="replace", newline=""), delimiter=form.delimiter
        )
        try:
            next(reader, None)
            for number, cells in enumerate(reader, start=2):
                if any(cells):
                    spare = width - len(cells)
                    yield Row(number, cells + [""] * spare if spare > 0 else cells[:width], is_ragged=spare != 0)
        except (csv.Error, OSError, EOFError) as error:
            raise BadTable(f"After row {reader.line_num} the file cannot be read: {error}.") from error


def _bytes(path: Path) -> IO[bytes]:
    with path.open("rb") as start:
        is_packed = start.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rb") if is_packed else path.open("rb")  # type: ignore[return-value]


def _encoding(head: bytes) -> str:
    if head.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return "utf-8" if len(head) == HEAD and error.start > HEAD - 4 else "cp1252"
    return "utf-8"


def _named(headers: list[str]) -> Iterator[str]:
    """Nameless and repeated headers get names of their own."""
    seen: set[str] = set()
    for index, header in enumerate(headers, start=1):
        name = header.strip() or f"Column {index}"
        while name in seen:
            name += " (again)"
        seen.add(name)
        yield name
