"""Birth dates in any usual writing, as a number yyyymmdd."""

import re
from datetime import date

_MONTHS = {name: i for i, name in enumerate(str.split("jan feb mar apr may jun jul aug sep oct nov dec"), start=1)}
_PARTS = re.compile(r"[0-9]+|[^\W\d_]+")
OLDEST, NEWEST = 1890, 2099
PLACEHOLDERS = frozenset({19000101, 19010101, 19700101, 18991231, 20000101})
"""What systems write when nobody told them. They say nothing."""


def birth_date(text: str, *, day_first: bool = True) -> int:
    """`1971-06-24`, `24.6.1971`, `19710624`, `24 June 1971`, `1971-06-24T00:00:00` → 19710624; 0 if it is no date.

    A day above twelve tells the order by itself; otherwise `day_first` does. A day that no calendar has (a slip of
    the finger, 1971-06-42) stays as it is: most of its digits are right.
    """
    parts = [_MONTHS.get(part[:3].lower(), part) for part in _PARTS.findall(text.split("T")[0])[:3]]
    if len(parts) == 1 and isinstance(parts[0], str) and parts[0].isdigit() and len(parts[0]) == 8:
        whole = parts[0]
        return _first_valid(
            (int(whole[:4]), int(whole[4:6]), int(whole[6:])), (int(whole[4:]), int(whole[2:4]), int(whole[:2]))
        )
    if len(parts) < 3 or not all(isinstance(part, int) or part.isdigit() for part in parts):
        return 0
    one, two, three = (int(part) for part in parts)
    if one > 99:
        return _first_valid((one, two, three), (one, three, two))
    if isinstance(parts[0], int):
        one, two = two, one
        day_first = True
    year = three if three > 99 else _century(three)
    day, month = (one, two) if day_first else (two, one)
    return _first_valid((year, month, day), (year, day, month))


def is_day_first(samples: list[str]) -> bool:
    """Whether a column such as `24/06/1971` puts the day before the month: the number above twelve tells."""
    firsts = seconds = 0
    for sample in samples:
        parts = _PARTS.findall(sample)
        if len(parts) >= 3 and parts[0].isdigit() and parts[1].isdigit() and len(parts[0]) <= 2:
            firsts += int(parts[0]) > 12
            seconds += int(parts[1]) > 12
    return firsts >= seconds


def _century(two_digits: int) -> int:
    return 1900 + two_digits if two_digits > 25 else 2000 + two_digits


def _first_valid(*candidates: tuple[int, int, int]) -> int:
    """Of (year, month, day); the first as it is if no calendar has any of them."""
    chosen = next((one for one in candidates if _is_day(*one)), candidates[0])
    year, month, day = chosen
    whole = year * 10000 + month * 100 + day
    is_usable = OLDEST <= year <= NEWEST and month < 100 and day < 100 and whole not in PLACEHOLDERS
    return whole if is_usable else 0


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return OLDEST <= year <= NEWEST
