"""Orders out of a file of somebody's shop: one row per order, or per line of an order."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice, pairwise
from pathlib import Path

import numpy as np

from cdp.connectors.cells import BadCell, DateOrder, to_number, to_time
from cdp.connectors.tables import BadTable, Form, recognise, rows
from scoring.scratch import Orders

NOBODY = frozenset({"", "nan", "na", "n/a", "none", "null", "-"})
LOOKED_AT = 20_000
"""Rows that tell how dates are written."""
MOST_BAD = 0.2
"""More unreadable rows than this and the columns are wrong, not the rows."""
FORMATS = ("%d-%b-%Y", "%d %b %Y", "%b %d, %Y", "%d-%b-%Y %H:%M", "%d-%b-%Y %H:%M:%S", "%Y%m%d%H%M%S")
SECONDS, MILLISECONDS = 10, 13
"""Digits of a time in seconds, or in milliseconds, since 1970."""


class NoSuchColumn(ValueError):
    """The file has no such column."""

    def __init__(self, name: str, headers: Sequence[str]) -> None:
        super().__init__(f"There is no column “{name}”. The file has: {', '.join(headers)}.")


class NoOrders(ValueError):
    """The file has no orders of known customers."""


@dataclass(frozen=True)
class Columns:
    customer: str
    time: str
    value: str
    """A column, or two to be multiplied: Quantity*UnitPrice."""
    order: str = ""


@dataclass(frozen=True)
class Read:
    orders: Orders
    rows: int
    without_customer: int
    unreadable: int


def read_orders(path: Path, columns: Columns) -> Read:
    """Raises BadTable, NoSuchColumn, NoOrders."""
    form = recognise(path)
    places = _Places(form, columns)
    told = _order_of_dates(path, form, places.time)
    times, numbers = _Times(told), _Numbers()
    found: list[tuple[str, datetime, float, str]] = []
    total = nobody = bad = 0
    for row in rows(path, form):
        total += 1
        customer = _customer(row.cells[places.customer])
        if customer is None:
            nobody += 1
            continue
        try:
            at = times.of(row.cells[places.time])
            value = float(np.prod([float(numbers.of(row.cells[place])) for place in places.value]))
        except BadCell:
            bad += 1
            continue
        found.append((customer, at, value, row.cells[places.order].strip() if places.order is not None else ""))
    if total and bad > MOST_BAD * total:
        raise BadTable(
            f"{bad:,} of {total:,} rows have no time or no number where “{columns.time}” and “{columns.value}” say so."
        )
    if not found:
        raise NoOrders(f"None of the {total:,} rows has a customer, a time and a value.")
    return Read(_orders(found, has_ids=places.order is not None), total, nobody, bad)


def _orders(found: Sequence[tuple[str, datetime, float, str]], *, has_ids: bool) -> Orders:
    customers, times, values, ids = zip(*found, strict=True)
    return Orders(
        customers=np.array(customers, dtype=object),
        times=times,
        values=np.array(values, dtype=np.float64),
        order_ids=np.array(ids, dtype=object) if has_ids else None,
    )


class _Places:
    """Where the columns stand."""

    def __init__(self, form: Form, columns: Columns) -> None:
        self.customer = _place(form, columns.customer)
        self.time = _place(form, columns.time)
        self.order = _place(form, columns.order) if columns.order else None
        try:
            self.value = [_place(form, columns.value)]
        except NoSuchColumn:
            if "*" not in columns.value:
                raise
            self.value = [_place(form, name.strip()) for name in columns.value.split("*")]


def _place(form: Form, name: str) -> int:
    if name in form.headers:
        return form.headers.index(name)
    lowered = [header.lower() for header in form.headers]
    if name.lower() in lowered:
        return lowered.index(name.lower())
    raise NoSuchColumn(name, form.headers)


def _customer(cell: str) -> str | None:
    """Sheets write numbers of customers as 17850.0 where some row has none."""
    bare = cell.strip()
    if bare.lower() in NOBODY:
        return None
    return bare.removesuffix(".0") if bare.removesuffix(".0").isdigit() else bare


class _Numbers:
    """Prices and counts come again and again."""

    def __init__(self) -> None:
        self._known: dict[str, Decimal] = {}

    def of(self, cell: str) -> Decimal:
        found = self._known.get(cell)
        if found is None:
            found = self._known[cell] = to_number(cell)
        return found


class _Times:
    """All lines of an order have its time."""

    def __init__(self, order: DateOrder) -> None:
        self._order = order
        self._known: dict[str, datetime] = {}

    def of(self, cell: str) -> datetime:
        found = self._known.get(cell)
        if found is None:
            found = self._known[cell] = _time(cell.strip(), self._order)
        return found


def _time(text: str, order: DateOrder) -> datetime:
    if text.isdigit() and len(text) in (SECONDS, MILLISECONDS):
        return datetime.fromtimestamp(int(text) / (1000 if len(text) == MILLISECONDS else 1), tz=UTC)
    try:
        return to_time(text, order=order, zone=UTC)
    except BadCell:
        for form in FORMATS:
            try:
                return datetime.strptime(text, form).replace(tzinfo=UTC)
            except ValueError:
                continue
        raise


def _order_of_dates(path: Path, form: Form, place: int) -> DateOrder:
    """The way in which most dates can be read; where two do as well, the one in which the file goes on in time more
    often, as files of orders do."""
    cells = [row.cells[place].strip() for row in islice(rows(path, form), LOOKED_AT)]
    distinct = list(dict.fromkeys(cell for cell in cells if cell))
    return max(DateOrder, key=lambda order: _sense(distinct, order))


def _sense(cells: Iterable[str], order: DateOrder) -> tuple[int, int]:
    times = list(_readable(cells, order))
    return len(times), sum(before <= after for before, after in pairwise(times))


def _readable(cells: Iterable[str], order: DateOrder) -> Iterator[datetime]:
    for cell in cells:
        try:
            yield _time(cell, order)
        except BadCell:
            continue
