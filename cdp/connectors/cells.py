"""What the cells of a table mean. Every error says what would be right."""

import re
from datetime import UTC, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from enum import StrEnum

_YES = "yes y true t 1 on subscribed subscribe opted-in opt-in optin granted confirmed active ja oui si"
_NO = "no n false f 0 off unsubscribed unsubscribe opted-out opt-out optout denied revoked cleaned nein non"
YES, NO = frozenset(_YES.split()), frozenset(_NO.split())
UNSAID = frozenset({"", "never_subscribed", "never subscribed", "unknown", "none", "null", "n/a", "-", "pending"})
LONGEST_SHOWN = 40
_PLAIN_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,9})?")


class BadCell(ValueError):
    """A cell that does not say what its column promises; the message says what would be right."""


class DateOrder(StrEnum):
    YEAR_FIRST = "ymd"
    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"


_DATE = {
    DateOrder.YEAR_FIRST: re.compile(r"(?P<y>\d{4})[/.](?P<m>\d{1,2})[/.](?P<d>\d{1,2})"),
    DateOrder.DAY_FIRST: re.compile(r"(?P<d>\d{1,2})[/.-](?P<m>\d{1,2})[/.-](?P<y>\d{4}|\d{2})"),
    DateOrder.MONTH_FIRST: re.compile(r"(?P<m>\d{1,2})[/.-](?P<d>\d{1,2})[/.-](?P<y>\d{4}|\d{2})"),
}
_TIME = re.compile(r"[ T]+(?P<h>\d{1,2}):(?P<min>\d{2})(?::(?P<s>\d{2}))?\s*(?P<half>[AaPp][Mm])?")
_EXAMPLE = {
    DateOrder.YEAR_FIRST: "2026-01-31 09:30 or 2026/01/31",
    DateOrder.DAY_FIRST: "31/01/2026 09:30",
    DateOrder.MONTH_FIRST: "01/31/2026 9:30 AM",
}


def shown(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…"


def to_number(text: str) -> Decimal:
    """`1,234.50`, `1.234,50`, `£2.55` and `(3.00)` as shops write them."""
    if _PLAIN_NUMBER.fullmatch(text):
        return Decimal(text)
    bare = re.sub(r"[^\d,.()+-]", "", text.strip())
    negative = bare.startswith("(") and bare.endswith(")")
    bare = bare.strip("()")
    if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?", bare):
        bare = bare.replace(",", "")
    elif re.fullmatch(r"[+-]?(\d{1,3}(\.\d{3})+|\d+),\d*", bare):
        bare = bare.replace(".", "").replace(",", ".")
    if not re.search(r"\d", text) or re.search(r"[a-z]", text.strip(), re.IGNORECASE):
        raise BadCell(f"“{shown(text)}” is not a number, such as 12.50")
    try:
        number = Decimal(bare)
    except InvalidOperation as error:
        raise BadCell(f"“{shown(text)}” is not a number, such as 12.50") from error
    return -number if negative else number


def to_time(text: str, *, order: DateOrder, zone: tzinfo) -> datetime:
    """A moment in UTC; a time without an offset is in the file's zone. Years are 1970 and later."""
    try:
        at = _iso(text.strip()) or _written(text.strip(), order)
    except ValueError:
        at = None
    if at is None or at.year < 1970:
        raise BadCell(f"“{shown(text)}” is not a time since 1970, such as {_EXAMPLE[order]}")
    return (at.replace(tzinfo=zone) if at.tzinfo is None else at).astimezone(UTC)


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _written(text: str, order: DateOrder) -> datetime | None:
    found = _DATE[order].match(text)
    if found is None:
        return None
    year = int(found["y"]) if len(found["y"]) == 4 else 2000 + int(found["y"])
    rest = text[found.end() :]
    clock = _TIME.fullmatch(rest)
    if rest and clock is None:
        return None
    hour, minute, second = (int(clock["h"]), int(clock["min"]), int(clock["s"] or 0)) if clock else (0, 0, 0)
    if clock and clock["half"]:
        hour = hour % 12 + (12 if clock["half"].lower() == "pm" else 0)
    return datetime(year, int(found["m"]), int(found["d"]), hour, minute, second)  # noqa: DTZ001 (zone follows)


def to_answer(text: str) -> bool | None:
    """Yes, no, or None where the cell says neither."""
    word = text.strip().lower()
    if word in UNSAID:
        return None
    if word.replace(" ", "-") in YES:
        return True
    if word.replace(" ", "-") in NO:
        return False
    raise BadCell(f"“{shown(text)}” is neither yes nor no (subscribed, unsubscribed, true, false, 1, 0)")


def to_email(text: str) -> str:
    bare = text.strip()
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", bare) or len(bare) > 254:
        raise BadCell(f"“{shown(text)}” is not an e-mail address, such as ada@example.org")
    return bare.lower()
