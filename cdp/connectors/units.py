"""What an import makes of rows: messages for the inbox, words for the ledger of consent, items, or a problem."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any

import msgspec

from cdp.connectors.cells import DateOrder
from cdp.connectors.tables import Row
from cdp.events.items import ItemRow
from cdp.privacy.consent import Address, Word

CODE = "{code}"
"""Stands for a product's code in the address of its page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a file does not say of itself."""

    source_id: int
    how: str
    """Stands in the history of consent: `import:<id>`."""
    now: datetime
    """When the import was made: the time of what has no time of its own."""
    currency: str = ""
    date_order: DateOrder = DateOrder.YEAR_FIRST
    zone: tzinfo = UTC
    refund_prefix: str = ""
    """Order numbers that begin so are of money given back."""
    charge_codes: frozenset[str] = frozenset()
    """Product codes that are no products: postage, fees, discounts. In upper case."""
    upper_codes: bool = False
    """Whether `85123a` and `85123A` are one product."""
    adds_items: bool = False
    """Whether products of orders that the catalogue lacks become items of it."""
    item_url: str = ""
    """Where a product's page is, with `{code}` in it."""
    shift: timedelta = timedelta(0)
    """What happened is told as if it had happened so much later: old data to try things with."""


@dataclass(frozen=True, slots=True)
class Problem:
    row: int
    cells: Sequence[str]
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class Skip:
    """Rows left out on purpose: why, how many, and the money in them."""

    reason: str
    amount: Decimal | None = None


@dataclass(slots=True)
class Unit:
    """What one thing in the file (a person, an order, …) comes to. `rows` is how many rows it took."""

    rows: int = 1
    messages: list[dict[str, Any]] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    suppressed: list[Address] = field(default_factory=list)
    items: list[ItemRow] = field(default_factory=list)
    new_items: list[ItemRow] = field(default_factory=list)
    """Only where the catalogue has none of that id."""
    aliases: list[tuple[str, str]] = field(default_factory=list)
    problem: Problem | None = None
    skip: Skip | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the file and what it is for. `detail` is a purpose, or the name of a trait."""

    index: int
    header: str
    field: str
    detail: str = ""


class Columns:
    """Reads a row by what its columns are for."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self.all = [column for column in columns if column.field != "ignore"]
        self._first: dict[str, Column] = {}
        for column in self.all:
            self._first.setdefault(column.field, column)

    def text(self, row: Row, name: str) -> str:
        column = self._first.get(name)
        return row.cells[column.index].strip() if column else ""

    def header(self, name: str) -> str:
        column = self._first.get(name)
        return column.header if column else ""

    def has(self, *names: str) -> bool:
        return any(name in self._first for name in names)

    def each(self, name: str, row: Row) -> Iterator[tuple[Column, str]]:
        """The columns of a kind that may stand several times, where the row fills them."""
        for column in self.all:
            if column.field == name and (text := row.cells[column.index].strip()):
                yield column, text


def with_id(message: dict[str, Any], *, given: str = "") -> dict[str, Any]:
    """The message under an id that follows from its content: the same row, imported again, counts once."""
    if given:
        return {**message, "messageId": f"import-{given}"[:100]}
    digest = hashlib.sha256(msgspec.json.encode(message, order="deterministic")).hexdigest()
    return {**message, "messageId": f"import-{digest[:40]}"}


def moved(message: dict[str, Any], *, by: timedelta) -> dict[str, Any]:
    """The message as if it had happened so much later. Its id stays: a row counts once, wherever it was moved to."""
    if "timestamp" not in message:
        return message
    return {**message, "timestamp": iso(datetime.fromisoformat(message["timestamp"]) + by)}


def sender(user_id: str, email: str, phone: str = "") -> dict[str, Any]:
    """Who a row speaks of: under its own id where it has one, else under its address."""
    traits = {name: value for name, value in (("email", email), ("phone", phone)) if value}
    ids = {"userId": user_id} if user_id else {"anonymousId": f"import:{email or phone}"}
    return {**ids, "context": {"traits": traits}} if traits else ids


def iso(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def plain(amount: Decimal) -> int | float:
    """A number for JSON. Sums are rounded to cents before; a price keeps what the file says."""
    return int(amount) if amount == amount.to_integral_value() else float(amount)


Mapped = Mapping[str, str]
