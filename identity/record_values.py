"""What of a record is compared: its traits by the names Segment gives them, and the addresses it identified itself by.

A record's values depend on the record and the rules alone, never on which other records are compared beside it: dates
and phone numbers are brought to their one form here, by the record's own country.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from identity.columns import Kind
from identity.normalize import names, phones, places
from identity.normalize.dates import birth_date
from identity.values import Collector, Values

Compared = dict[str, str]
"""Column → value, never empty."""
FIRST, MIDDLE, LAST, FULL = "first name", "middle name", "last name", "name"
BIRTH, GENDER, COMPANY = "birth date", "gender", "company"
STREET, HOUSE, CITY, ZIP, COUNTRY = "street", "house", "city", "zip", "country"
EMAIL, OTHER_EMAIL, PHONE, OTHER_PHONE = "email", "other email", "phone", "other phone"
COLUMNS: dict[str, Kind] = {
    FIRST: Kind.FIRST_NAME,
    LAST: Kind.LAST_NAME,
    MIDDLE: Kind.MIDDLE_NAME,
    BIRTH: Kind.BIRTH_DATE,
    EMAIL: Kind.EMAIL,
    OTHER_EMAIL: Kind.EMAIL,
    PHONE: Kind.PHONE,
    OTHER_PHONE: Kind.PHONE,
    STREET: Kind.ADDRESS,
    HOUSE: Kind.HOUSE,
    CITY: Kind.CITY,
    ZIP: Kind.ZIP,
    COUNTRY: Kind.COUNTRY,
    GENDER: Kind.GENDER,
    COMPANY: Kind.COMPANY,
}
_BY_NAME = {
    name: column
    for column, spellings in {
        FIRST: "firstname givenname forename",
        MIDDLE: "middlename",
        LAST: "lastname surname familyname",
        FULL: "name fullname displayname",
        BIRTH: "birthday birthdate dob dateofbirth born",
        EMAIL: "email emailaddress mail",
        PHONE: "phone phonenumber mobile mobilephone mobilenumber telephone cell cellphone",
        STREET: "street streetaddress address1 addressline1 line1",
        CITY: "city town",
        ZIP: "postalcode zip zipcode postcode",
        COUNTRY: "country countrycode",
        GENDER: "gender sex",
        COMPANY: "company companyname organization organisation",
    }.items()
    for name in spellings.split()
}
_IN_AN_ADDRESS = frozenset({STREET, CITY, ZIP, COUNTRY})
_BY_KIND = {kind: column for column, kind in reversed(COLUMNS.items())} | {Kind.FULL_NAME: FULL}
_OTHER = {EMAIL: OTHER_EMAIL, PHONE: OTHER_PHONE}
_COLUMN_OF_NAMESPACE = {"email": EMAIL, "phone": PHONE}
NAMESPACES = tuple(_COLUMN_OF_NAMESPACE)
ADDRESS = "address"
IGNORE = "ignore"
LONGEST = 200
_GENDERS = {**dict.fromkeys(("m", "male", "man"), "m"), **dict.fromkeys(("f", "female", "woman"), "f")}
_SAYS_LITTLE = frozenset({COUNTRY, GENDER, MIDDLE})
_PIECE = {
    **dict.fromkeys((FIRST, LAST), "name"),
    **dict.fromkeys((STREET, HOUSE, CITY, ZIP), "place"),
    **dict.fromkeys((EMAIL, OTHER_EMAIL), "email"),
    **dict.fromkeys((PHONE, OTHER_PHONE), "phone"),
}
FEWEST_PIECES = 2
"""Who tells only one thing about themselves can agree with nobody in two."""


def compared(traits: Mapping[str, Any], identifiers: Iterable[tuple[str, str]], kinds: Mapping[str, str]) -> Compared:
    """`traits` as a record keeps them, name → [value, time]; `identifiers` are (namespace, value); `kinds` the rules'
    words on traits. Empty if there is too little to compare."""
    found: Compared = {}
    for column, text in sorted(_told(traits, kinds)):
        _put(found, column, text)
    for namespace, value in sorted(identifiers):
        if namespace in _COLUMN_OF_NAMESPACE:
            _put(found, _COLUMN_OF_NAMESPACE[namespace], value)
    _bring_to_form(found)
    pieces = {_PIECE.get(column, column) for column in found if column not in _SAYS_LITTLE}
    return found if len(pieces) >= FEWEST_PIECES else {}


def is_compared(trait: str, kinds: Mapping[str, str]) -> bool:
    return kinds.get(trait) != IGNORE and (trait in kinds or _plain(trait) in _BY_NAME or _plain(trait) == ADDRESS)


def all_columns(kinds: Mapping[str, str]) -> dict[str, Kind]:
    """Every column that records can have, in the order in which they are compared."""
    own = {name: Kind(kind) for name, kind in sorted(kinds.items()) if kind != IGNORE and kind in set(Kind)}
    return COLUMNS | {name: kind for name, kind in own.items() if kind not in _BY_KIND}


class Table:
    """Records' values as columns, for comparing many pairs at once."""

    def __init__(self, kinds: Mapping[str, str]) -> None:
        self.kinds = all_columns(kinds)
        self._columns = {name: Collector() for name in self.kinds}
        self.ids: list[int] = []

    def add(self, records: Mapping[int, Compared]) -> None:
        self.ids += records
        for name, column in self._columns.items():
            column.add([values.get(name, "") for values in records.values()])

    def columns(self) -> dict[str, tuple[Kind, Values]]:
        """As identity.features takes them; the cells are let go."""
        return {name: (self.kinds[name], self._columns.pop(name).values()) for name in list(self._columns)}


def _told(traits: Mapping[str, Any], kinds: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, (value, _) in traits.items():
        said = kinds.get(name)
        if value is None or said == IGNORE:
            continue
        if isinstance(value, dict):
            yield from _parts(name, value)
        elif text := _text(value):
            column = _column(name, said)
            if column:
                yield column, text


def _parts(name: str, value: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    plain = _plain(name)
    if plain == ADDRESS:
        for part, inner in value.items():
            column = _BY_NAME.get(_plain(part))
            if column in _IN_AN_ADDRESS and (text := _text(inner)):
                yield column, text
    elif _BY_NAME.get(plain) == COMPANY and (text := _text(value.get("name"))):
        yield COMPANY, text


def _column(name: str, said: str | None) -> str:
    if said is not None:
        return _BY_KIND.get(Kind(said), name) if said in set(Kind) else ""
    plain = _plain(name)
    return STREET if plain == ADDRESS else _BY_NAME.get(plain, "")


@lru_cache(maxsize=4096)
def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())


def _text(value: Any) -> str:
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return str(value).strip()[:LONGEST]
    return ""


def _put(found: Compared, column: str, text: str) -> None:
    """The first value of a column stays; a second address goes beside it."""
    if column not in found:
        found[column] = text
    elif column in _OTHER and text.lower() != found[column].lower():
        found.setdefault(_OTHER[column], text)


def _bring_to_form(found: Compared) -> None:
    full = found.pop(FULL, "")
    if full and FIRST not in found and LAST not in found:
        found[FIRST], found[LAST] = names.first_and_last(full)
    country = found.get(COUNTRY, "")
    for column in (PHONE, OTHER_PHONE):
        if column in found:
            found[column] = phones.number(found[column], country=country)
    if found.get(PHONE) == found.get(OTHER_PHONE):
        found.pop(OTHER_PHONE, None)
    if BIRTH in found:
        found[BIRTH] = _iso(birth_date(found[BIRTH]))
    if GENDER in found:
        found[GENDER] = _GENDERS.get(found[GENDER].lower(), found[GENDER])
    if STREET in found and HOUSE not in found:
        found[HOUSE] = places.house(found[STREET])
    for column in [column for column, text in found.items() if not text]:
        del found[column]


def _iso(day: int) -> str:
    text = str(day)
    return f"{text[:4]}-{text[4:6]}-{text[6:]}" if day else ""
