"""The lines of an upload or of pasted text: of each row the cell that names the person."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cdp.connectors.tables import BadTable, Form, recognise, rows

HEADERS = {
    "email": ("email", "e-mail", "e-mail address", "email address", "mail"),
    "phone": ("phone", "phone number", "telephone", "mobile"),
    "user_id": ("user_id", "userid", "user id", "customer_id", "customer id", "id"),
    "uuid": ("uuid", "profile id", "profile_id", "id"),
}
ANY_HEADER = {name for names in HEADERS.values() for name in names}


class NoSuchColumn(BadTable):
    """No column of the file has this name."""


@dataclass(frozen=True, slots=True)
class Line:
    number: int
    """As a spreadsheet or an editor shows it, from 1."""
    text: str


def read(path: Path, *, kind: str, column: str = "") -> Iterator[Line]:
    """Without `column`: the one whose header says that it is this kind of identifier, else the first one. A first row
    that is no header counts as a line. Raises BadTable."""
    form = recognise(path)
    index, has_header = _column(form, kind, column.strip())
    if not has_header:
        yield Line(1, form.headers[index].strip())
    for row in rows(path, form):
        if text := row.cells[index].strip():
            yield Line(row.number, text)


def _column(form: Form, kind: str, column: str) -> tuple[int, bool]:
    headers = [header.lower() for header in form.headers]
    if column:
        if column.lower() not in headers:
            raise NoSuchColumn(f"No column is called “{column}”. There are: {', '.join(form.headers)}.")
        return headers.index(column.lower()), True
    wanted = {kind, *HEADERS.get(kind, ())} if kind in HEADERS else {kind, *ANY_HEADER}
    index = next((at for at, header in enumerate(headers) if header in wanted), None)
    return (0, False) if index is None else (index, True)
