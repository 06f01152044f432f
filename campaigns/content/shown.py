"""What a value looks like in a mail."""

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from html import escape, unescape
from types import NoneType
from typing import Any

from liquid.undefined import Undefined

TAGS = re.compile(r"<[^<>]*>")


class Html(str):
    """Escaped before, by us: what {% capture %} kept of a text that is HTML."""

    __slots__ = ()

    def plain(self) -> str:
        return unescape(TAGS.sub("", self))


def shown(value: object) -> str:
    """As text. Groups of values show nothing: they are for loops."""
    show = SHOWS.get(value.__class__)
    if show is not None:
        return show(value)
    if isinstance(value, Html):
        return value.plain()
    if isinstance(value, str):
        return str(value)
    if isinstance(value, list | tuple):
        return ", ".join(map(shown, value))
    return str(value) if isinstance(value, range) else ""


def shown_as_html(value: object) -> str:
    return str(value) if isinstance(value, Html) else escape(shown(value))


def number(value: int | float | Decimal) -> str:
    """Never with an exponent, without idle zeros: 12.50 is shown by the money filter."""
    if isinstance(value, int):
        return str(value)
    if value != value or value in (float("inf"), float("-inf")):
        return ""
    text = f"{value if isinstance(value, Decimal) else Decimal(str(value)):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def long_date(value: date | datetime) -> str:
    """22 November 2026, whatever the language of the machine."""
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"


MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SHOWS: dict[type, Callable[[Any], str]] = {
    str: lambda value: value,
    NoneType: lambda _: "",
    Undefined: lambda _: "",
    bool: lambda value: "true" if value else "false",
    int: str,
    float: number,
    Decimal: number,
    date: long_date,
    datetime: long_date,
}
"""By class: this is asked most often of all."""
