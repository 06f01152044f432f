"""The filters: python-liquid's that are safe, with limits on what they take and make, and ours for marketers."""

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any
from urllib.parse import quote_plus, unquote_plus

from liquid import Environment
from liquid.exceptions import FilterArgumentError, ResourceLimitError
from liquid.undefined import Undefined

from campaigns.content.shown import DAYS, MONTHS, Html, shown

LONGEST = 20_000
"""Characters of a text that goes into a filter or comes out of it."""
MOST = 1_000
"""Values of a list that does."""
BIGGEST = 10**15
LONGEST_FORMAT = 100
NAMED = {
    "long": "%-d %B %Y",
    "short": "%-d %b %Y",
    "iso": "%Y-%m-%d",
    "weekday": "%A",
    "day": "%-d %B",
    "time": "%H:%M",
}
SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "INR": "₹", "KRW": "₩", "PLN": "zł", "TRY": "₺"}
BEFORE = {"USD", "GBP", "JPY", "INR", "KRW", "EUR"}
NO_CENTS = {"JPY", "KRW", "CLP", "ISK", "VND"}
KEPT = (
    "abs at_least at_most capitalize ceil compact concat divided_by downcase find first floor has join last lstrip map "
    "minus modulo plus reject reverse rstrip size slice sort sort_natural split squish strip sum times truncate "
    "truncatewords uniq upcase where"
)
"""Of python-liquid."""

USUAL = Environment()

Filter = Callable[..., Any]


def guarded(function: Filter) -> Filter:
    """Takes and gives only what is small; HTML goes in as the text it shows, so nothing that comes out is markup."""
    called = partial(function, environment=USUAL) if getattr(function, "with_environment", False) else function

    def wrapper(left: object, *arguments: object, **named: object) -> object:
        given = [_small(one) for one in (left, *arguments)]
        try:
            made = called(*given, **{name: _small(value) for name, value in named.items()})
        except (ArithmeticError, ValueError) as error:
            raise FilterArgumentError("this cannot be reckoned", token=None) from error
        return _small(made)

    return wrapper


def _small(value: object) -> object:
    if value.__class__ is str and len(value) <= LONGEST:
        return value
    if isinstance(value, str):
        if len(value) > LONGEST:
            raise ResourceLimitError("a text gets too long", token=None)
        return value.plain() if isinstance(value, Html) else str(value)
    if isinstance(value, list | tuple | range | dict):
        if len(value) > MOST:
            raise ResourceLimitError("a list gets too long", token=None)
        return list(value) if isinstance(value, tuple) else value
    if isinstance(value, int | float | Decimal) and not -BIGGEST <= value <= BIGGEST:
        raise ResourceLimitError("a number gets too big", token=None)
    return value


def default(value: object, other: object = "", *, allow_false: object = False) -> object:
    """`other` where there is nothing, or false; zero is something."""
    if value is False:
        return value if allow_false is True else other
    if value is None or (isinstance(value, str | list | dict | Undefined) and not value):
        return other
    return value


def _told(value: object) -> str:
    return shown(value)


def replace(value: object, old: object, new: object = "") -> str:
    text, was, becomes = _told(value), _told(old), _told(new)
    if was and len(text) + text.count(was) * len(becomes) <= LONGEST:
        return text.replace(was, becomes)
    if not was:
        return text
    raise ResourceLimitError("a text gets too long", token=None)


def join(value: object, between: object = " ") -> str:
    values = list(value) if isinstance(value, list | range) else [value]
    words = list(map(_told, values))
    if sum(map(len, words)) + len(words) * len(_told(between)) > LONGEST:
        raise ResourceLimitError("a text gets too long", token=None)
    return _told(between).join(words)


def money(value: object, currency: object = "EUR", decimals: object = None) -> str:
    """€12.50, 1,200 zł; nothing where there is no number."""
    amount = _decimal(value)
    code = _told(currency).strip().upper()[:3] or "EUR"
    if amount is None:
        return ""
    usual = 0 if code in NO_CENTS else 2
    places = decimals if isinstance(decimals, int) and 0 <= decimals <= 4 else usual
    figure = f"{abs(amount):,.{places}f}"
    symbol = SYMBOLS.get(code, code)
    sign = "-" if amount < 0 else ""
    return f"{sign}{symbol}{figure}" if code in BEFORE else f"{sign}{figure} {symbol}"


def format_number(value: object, decimals: object = 0) -> str:
    """12,500."""
    amount = _decimal(value)
    places = decimals if isinstance(decimals, int) and 0 <= decimals <= 6 else 0
    return "" if amount is None else f"{amount:,.{places}f}"


def _decimal(value: object) -> Decimal | None:
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, Decimal | int):
        return _reasonable(Decimal(value))
    try:
        amount = Decimal(_told(value).strip()[:40])
    except InvalidOperation:
        return None
    return _reasonable(amount)


def _reasonable(amount: Decimal) -> Decimal | None:
    return amount if amount.is_finite() and amount.adjusted() <= 15 else None


def on_date(value: object, form: object = "long") -> str:
    """A date as `form` says: long, short, iso, weekday, day, time, or strftime's signs. What is no date: nothing."""
    moment = _moment(value)
    pattern = NAMED.get(_told(form), _told(form) or NAMED["long"])
    if len(pattern) > LONGEST_FORMAT:
        raise FilterArgumentError("the form of a date is too long", token=None)
    return "" if moment is None else SIGN.sub(partial(_sign, moment), pattern)


SIGN = re.compile(r"%([-0^]?)([A-Za-z%])")


def _sign(moment: datetime, found: "re.Match[str]") -> str:
    """By hand: names of days and months shall not depend on the machine, nor widths on its C library."""
    flag, letter = found.groups()
    text = _SIGNS[letter](moment) if letter in _SIGNS else ""
    if flag == "-":
        return text.lstrip("0") or "0"
    return text.upper() if flag == "^" else text


_SIGNS: dict[str, Callable[[datetime], str]] = {
    "a": lambda at: DAYS[at.weekday()][:3],
    "A": lambda at: DAYS[at.weekday()],
    "b": lambda at: MONTHS[at.month - 1][:3],
    "B": lambda at: MONTHS[at.month - 1],
    "d": lambda at: f"{at.day:02}",
    "e": lambda at: str(at.day),
    "D": lambda at: f"{at.month:02}/{at.day:02}/{at.year % 100:02}",
    "F": lambda at: f"{at.year:04}-{at.month:02}-{at.day:02}",
    "H": lambda at: f"{at.hour:02}",
    "I": lambda at: f"{(at.hour - 1) % 12 + 1:02}",
    "j": lambda at: f"{at.timetuple().tm_yday:03}",
    "m": lambda at: f"{at.month:02}",
    "M": lambda at: f"{at.minute:02}",
    "p": lambda at: "AM" if at.hour < 12 else "PM",
    "S": lambda at: f"{at.second:02}",
    "T": lambda at: f"{at.hour:02}:{at.minute:02}:{at.second:02}",
    "u": lambda at: str(at.isoweekday()),
    "V": lambda at: f"{at.isocalendar()[1]:02}",
    "y": lambda at: f"{at.year % 100:02}",
    "Y": lambda at: f"{at.year:04}",
    "Z": lambda at: at.tzname() or "",
    "%": lambda at: "%",
}


def _moment(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001  a day has no zone
    text = _told(value).strip()
    if not text or len(text) > 40:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def pluralize(value: object, one: object, many: object) -> str:
    """The word for so many: {{ n }} {{ n | pluralize: "item", "items" }}."""
    return _told(one) if _decimal(value) == 1 else _told(many)


def titlecase(value: object) -> str:
    return " ".join(word[:1].upper() + word[1:].lower() for word in _told(value).split(" "))


FILTERS: dict[str, Filter] = {
    **{name: guarded(USUAL.filters[name]) for name in KEPT.split()},
    "default": default,
    "append": guarded(lambda value, more: _told(value) + _told(more)),
    "prepend": guarded(lambda value, more: _told(more) + _told(value)),
    "replace": guarded(replace),
    "replace_first": guarded(lambda value, old, new="": _told(value).replace(_told(old), _told(new), 1)),
    "remove": guarded(lambda value, old: replace(value, old)),
    "remove_first": guarded(lambda value, old: _told(value).replace(_told(old), "", 1)),
    "join": guarded(join),
    "strip_newlines": guarded(lambda value: re.sub(r"\r?\n", "", _told(value))),
    "strip_html": guarded(lambda value: re.sub(r"<[^<>]*>", "", _told(value))),
    "escape": guarded(_told),
    "escape_once": guarded(_told),
    "url_encode": guarded(lambda value: quote_plus(_told(value), errors="replace")),
    "url_decode": guarded(lambda value: unquote_plus(_told(value))),
    "round": guarded(
        lambda value, places=0: round(_decimal(value) or Decimal(0), max(0, min(int(places), 6)) if places else None)
    ),
    "money": guarded(money),
    "number": guarded(format_number),
    "date": guarded(on_date),
    "pluralize": guarded(pluralize),
    "titlecase": guarded(titlecase),
}
"""All that is understood. `escape` changes nothing: whatever is shown is escaped anyway."""
