"""Keys under which a record is found by records like it, one lookup each: complementary, as in identity.block_keys, but
without neighbours in alphabetical order, which an index of equal values cannot find. The full pass finds those."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from hashlib import blake2b

from identity.columns import Kind
from identity.normalize import emails, names, phones, places
from identity.normalize.words import words
from identity.record_values import (
    BIRTH,
    CITY,
    COMPANY,
    EMAIL,
    FIRST,
    HOUSE,
    LAST,
    OTHER_EMAIL,
    OTHER_PHONE,
    PHONE,
    STREET,
    ZIP,
    Compared,
)  # fmt: skip

VERSION = 1
"""Raised when a rule changes: the keys of all records are made anew then."""


def keys(values: Compared, columns: Mapping[str, Kind]) -> list[int]:
    """Distinct signed 64-bit numbers, ascending. `columns` tell which further values are identifiers."""
    return sorted({_hashed(*rule) for rule in _rules(values, columns) if all(rule)})


def _rules(values: Compared, columns: Mapping[str, Kind]) -> Iterator[tuple[str, ...]]:
    for column in (EMAIL, OTHER_EMAIL):
        yield "email", emails.local_part(emails.mailbox(values.get(column, "")))
    for column in (PHONE, OTHER_PHONE):
        yield "phone", phones.tail(values.get(column, ""))
    for column, text in values.items():
        if columns.get(column) is Kind.IDENTIFIER:
            yield column, words(text).replace(" ", "")
    first, last = names.person_name(values.get(FIRST, "")), names.person_name(values.get(LAST, ""))
    one, two = _sound(first), _sound(last)
    day = values.get(BIRTH, "")
    place, house = places.postcode(values.get(ZIP, "")), words(values.get(HOUSE, ""))
    town = words(values.get(CITY, ""))
    yield "names", min(one, two), max(one, two)
    for heard, name in ((one, first), (two, last)):
        yield "year", heard, day[:4]
        yield "birth", day, name[:1]
        yield "zip", heard, place
    yield "day", two, "".join(sorted((day[5:7], day[8:])))
    yield "town", two, "" if place else town
    yield "house", house, place or town
    yield "street", places.street(values.get(STREET, "")), house
    yield "company", two, words(values.get(COMPANY, ""))


@lru_cache(maxsize=65536)
def _sound(name: str) -> str:
    """As it is formally called: Bob is found beside Robert."""
    return names.sound(next(iter(names.called(name)), name))


def _hashed(*parts: str) -> int:
    digest = blake2b("\0".join(parts).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
