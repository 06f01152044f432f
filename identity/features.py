"""A table of any columns as what can be compared: each kind normalised, the columns of one kind brought together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from identity.columns import Kind
from identity.compare import BirthDates, Categories, Comparer, Identifiers, Numbers, Phones, Texts
from identity.compare_emails import Emails
from identity.compare_names import MiddleNames, Names
from identity.compare_places import Parts, Places
from identity.normalize import dates, emails, names, phones, places
from identity.normalize.words import words
from identity.restated import restated
from identity.values import MISSING, Codes, Values, encode, in_one_vocabulary, nothing

FEWEST_FILLED = 0.005
"""A column that fewer records have is not compared: there is nothing to learn its weights from."""
Columns = Mapping[str, tuple[Kind, Values]]


@dataclass(frozen=True, slots=True)
class Features:
    """Normalised columns by kind; those of no kind of their own by name."""

    size: int
    of: Mapping[Kind, Sequence[Values]]
    others: Mapping[str, tuple[Kind, Values]]
    first: Values | None
    last: Values | None

    def one(self, kind: Kind) -> Values | None:
        """The fullest column of the kind."""
        return max(self.of.get(kind, ()), key=lambda values: values.filled, default=None)

    @property
    def parts(self) -> Parts:
        return Parts(self.one(Kind.ADDRESS), self.one(Kind.HOUSE), self.one(Kind.CITY), self.one(Kind.ZIP))


def features(columns: Columns, *, size: int, fewest: float = FEWEST_FILLED) -> Features:
    """Columns that a smaller share of the records than `fewest` have are left out; and those that only repeat others,
    unless `fewest` is less than usual: a handful of records does not tell that of a column."""
    of: dict[Kind, list[Values]] = {}
    others: dict[str, tuple[Kind, Values]] = {}
    country = _one_country(columns)
    columns = _with_whole_dates(columns)
    for name, (kind, raw) in columns.items():
        if kind is Kind.IGNORE:
            continue
        values = _normalised(kind, raw, country)
        if values.filled < fewest:
            continue
        if kind in _BY_THEMSELVES:
            others[name] = kind, values
        elif kind is Kind.ADDRESS and Kind.ADDRESS in of:
            others[name] = Kind.TEXT, values
        else:
            of.setdefault(kind, []).append(values)
        if kind is Kind.ADDRESS and Kind.HOUSE not in {kind for kind, _ in columns.values()} and Kind.HOUSE not in of:
            numbers = raw.mapped(places.house)
            of.update({Kind.HOUSE: [numbers]} if numbers.filled >= fewest else {})
    if Kind.STATE in {kind for kind, _ in others.values()} and (Kind.ZIP in of or Kind.CITY in of):
        others = {name: one for name, one in others.items() if one[0] is not Kind.STATE}
    births = max(of.get(Kind.BIRTH_DATE, ()), key=lambda values: values.filled, default=None)
    again = restated(others, of, births) if fewest >= FEWEST_FILLED else frozenset()
    return Features(size, of, {name: one for name, one in others.items() if name not in again}, *_names(of))


_PARTS = (Kind.BIRTH_YEAR, Kind.BIRTH_MONTH, Kind.BIRTH_DAY)


def _with_whole_dates(columns: Columns) -> Columns:
    """Year, month and day of birth as one date, if no column has it; what is not part of a date is a number."""
    part = {kind: values for kind, values in columns.values() if kind in _PARTS}
    whole = {name: (Kind.NUMBER if kind in _PARTS else kind, values) for name, (kind, values) in columns.items()}
    if len(part) < len(_PARTS) or any(kind is Kind.BIRTH_DATE for kind, _ in columns.values()):
        return whole
    texts = zip(*(part[kind].as_text() for kind in _PARTS), strict=True)
    values = encode("-".join(parts) if all(parts) else "" for parts in texts)
    return {name: one for name, one in whole.items() if columns[name][0] not in _PARTS} | {
        "birth date": (Kind.BIRTH_DATE, values)
    }


_BY_THEMSELVES = frozenset(
    {Kind.IDENTIFIER, Kind.STATE, Kind.COUNTRY, Kind.GENDER, Kind.COMPANY, Kind.NUMBER, Kind.TEXT}
)


def _normalised(kind: Kind, raw: Values, country: str) -> Values:
    if kind is Kind.BIRTH_DATE:
        day_first = dates.is_day_first(raw.words.tolist())
        return raw.mapped(lambda text: str(dates.birth_date(text, day_first=day_first) or ""))
    if kind is Kind.PHONE:
        return raw.mapped(lambda text: phones.number(text, country=country))
    if kind is Kind.NUMBER:
        return raw.mapped(_amount)
    form = {
        Kind.FIRST_NAME: names.person_name,
        Kind.LAST_NAME: names.person_name,
        Kind.MIDDLE_NAME: names.person_name,
        Kind.EMAIL: emails.mailbox,
        Kind.IDENTIFIER: lambda text: words(text).replace(" ", ""),
        Kind.ADDRESS: places.street,
        Kind.HOUSE: lambda text: places.house(text) or words(text),
        Kind.ZIP: places.postcode,
    }.get(kind, words)
    return raw if kind is Kind.FULL_NAME else raw.mapped(form)


def _amount(text: str) -> str:
    bare = text.replace(" ", "")
    try:
        float(bare.replace(",", "."))
    except ValueError:
        return ""
    return bare


def _one_country(columns: Columns) -> str:
    """The country code that all records share; phones without a country code are read by it."""
    for kind, values in columns.values():
        if kind is Kind.COUNTRY and len(values.words) == 1:
            return str(values.words[0])
    return ""


def _names(of: Mapping[Kind, Sequence[Values]]) -> tuple[Values | None, Values | None]:
    """First and last names in one vocabulary. Full names fill in where neither part is told."""
    wanted = (Kind.FIRST_NAME, Kind.LAST_NAME, Kind.FULL_NAME)
    size = next((len(of[kind][0].codes) for kind in wanted if kind in of), None)
    if size is None:
        return None, None
    given, family, full = (of[kind][0] if kind in of else nothing(size) for kind in wanted)
    parts = [names.first_and_last(text) for text in full.words]
    firsts, lasts = (full.renamed(part[place] for part in parts) for place in (0, 1))
    given, family, firsts, lasts = in_one_vocabulary([given, family, firsts, lasts])
    firsts, lasts = _by_use(firsts, lasts)
    neither = ~given.is_told & ~family.is_told
    return (
        Values(np.where(neither, firsts.codes, given.codes), given.words),
        Values(np.where(neither, lasts.codes, family.codes), given.words),
    )


def _by_use(firsts: Values, lasts: Values) -> tuple[Values, Values]:
    """A name alone (`Oliver`) is taken for a last name; it becomes a first name if it more often is one."""
    count = len(firsts.words) + 1
    both = firsts.is_told & lasts.is_told
    as_first, as_last = (np.bincount(one.codes[both] + 1, minlength=count) for one in (firsts, lasts))
    is_first = ~firsts.is_told & lasts.is_told & (as_first > as_last)[lasts.codes + 1]
    return (
        Values(np.where(is_first, lasts.codes, firsts.codes), firsts.words),
        Values(np.where(is_first, np.int32(MISSING), lasts.codes), lasts.words),
    )


def comparers(of: Features) -> list[Comparer]:
    made: list[Comparer] = []
    if of.first and of.last:
        made.append(Names(of.first, of.last))
    if middle := of.one(Kind.MIDDLE_NAME):
        made.append(MiddleNames(middle))
    if birth := of.one(Kind.BIRTH_DATE):
        made.append(BirthDates(birth))
    if Kind.EMAIL in of.of:
        made.append(Emails(of.of[Kind.EMAIL], of.first, of.last))
    if Kind.PHONE in of.of:
        made.append(Phones(of.of[Kind.PHONE]))
    parts = of.parts
    if parts.street or parts.city or parts.zip:
        made.append(Places(parts))
    for name, (kind, values) in of.others.items():
        made.append(_other(name, kind, values))
    return made


def _other(name: str, kind: Kind, values: Values) -> Comparer:
    if kind is Kind.IDENTIFIER:
        return Identifiers(name, values)
    if kind is Kind.NUMBER:
        return Numbers(name, values)
    if kind in (Kind.GENDER, Kind.STATE, Kind.COUNTRY):
        return Categories(name, kind, values)
    return Texts(name, kind, values)


def codes_or_missing(values: Values | None, size: int) -> Codes:
    return values.codes if values else nothing(size).codes


__all__ = ["MISSING", "Columns", "Features", "codes_or_missing", "comparers", "features"]
