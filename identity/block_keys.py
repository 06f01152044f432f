"""The blocking rules of a table: for each kind of error some rule does not look at the field that has it."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from identity.block import Keys, Rule
from identity.columns import Kind
from identity.features import Features, codes_or_missing
from identity.normalize.emails import local_part
from identity.normalize.names import called, sound
from identity.normalize.phones import tail
from identity.values import MISSING, Values

FEWEST_BESIDE = 10
"""So many values must a column have to narrow down those of one name."""
_BESIDE_A_NAME = frozenset({Kind.TEXT, Kind.NUMBER, Kind.COMPANY})


def rules(of: Features) -> Iterator[Rule]:
    everyone = np.arange(of.size, dtype=np.int32)
    last, first = (codes_or_missing(values, of.size) for values in (of.last, of.first))
    birth = of.one(Kind.BIRTH_DATE)
    order = _keys(birth.codes if birth else last, first)

    def rule(name: str, *codes: NDArray[np.int32]) -> Rule:
        return Rule(name, everyone, _keys(*codes), order)

    for kind, form in ((Kind.EMAIL, local_part), (Kind.PHONE, tail)):
        columns = [values.mapped(form) for values in of.of.get(kind, ())]
        for values in columns:
            yield rule(kind, values.codes)
            yield Rule(f"{kind}, sorted", everyone, _one_key(values), _rank(values), is_last_resort=True)
        if len(columns) > 1:
            yield _across(kind, columns)
    for name, (kind, values) in of.others.items():
        if kind in (Kind.IDENTIFIER, Kind.COMPANY) or (kind is Kind.TEXT and len(values.words) > of.size / 20):
            yield rule(name, values.codes)
        if kind is Kind.IDENTIFIER:
            yield Rule(f"{name}, sorted", everyone, _one_key(values), _rank(values), is_last_resort=True)
        if kind in _BESIDE_A_NAME and len(values.words) >= FEWEST_BESIDE:
            yield from _tokens(of, f"name and {name}", [values])
    if middle := of.one(Kind.MIDDLE_NAME):
        yield from _tokens(of, "name and middle name", [middle])
    parts = of.parts
    area = parts.zip or parts.city
    if parts.street:
        place = [part.codes for part in (parts.street, parts.house) if part]
        yield rule("street", *place)
        if area and parts.house:
            yield rule("postcode and house number", area.codes, parts.house.codes)
    if birth:
        yield rule("birth date", birth.codes)
        for name, form in _DATE_FORMS:
            yield from _tokens(of, f"name and {name}", [birth.mapped(form)])
    if of.first and of.last:
        yield rule("name in any order", np.minimum(first, last), np.maximum(first, last))
        yield from _tokens(of, "both names by sound", [])
        for values in (part for part in (parts.zip, parts.city) if part):
            yield from _tokens(of, "name and place", [values])
        yield from _sorted_names(of, everyone)


_DATE_FORMS = (
    ("birth year", lambda day: day[:4]),
    ("birth day", lambda day: "".join(sorted((day[4:6], day[6:])))),
)


def _tokens(of: Features, name: str, beside: list[Values]) -> Iterator[Rule]:
    """Each record under its first and under its last name, as they sound, so that swapped names meet. Without
    anything beside them: under both sounds in alphabetical order."""
    if not (of.first and of.last):
        return
    vocabulary = Values(np.arange(len(of.first.words), dtype=np.int32), of.first.words)
    sounds = np.append(vocabulary.mapped(_formal_sound).codes, MISSING)
    one, two = sounds[of.first.codes], sounds[of.last.codes]
    other = np.concatenate([of.last.codes, of.first.codes]).astype(np.int64)
    everyone = np.arange(of.size, dtype=np.int32)
    if not beside:
        yield Rule(name, everyone, _keys(np.minimum(one, two), np.maximum(one, two)), other[: of.size])
        return
    key = np.concatenate([_keys(one, *(v.codes for v in beside)), _keys(two, *(v.codes for v in beside))])
    yield Rule(name, np.concatenate([everyone, everyone]), key, other)


def _formal_sound(name: str) -> str:
    return sound(next(iter(called(name)), name))


def _across(kind: Kind, columns: list[Values]) -> Rule:
    """One record's mobile may be the other's landline."""
    texts = [text for values in columns for text in values.as_text()]
    index = {text: code for code, text in enumerate(dict.fromkeys(filter(None, texts)))}
    key = np.array([index.get(text, MISSING) for text in texts], np.int64)
    everyone = np.arange(len(columns[0].codes), dtype=np.int32)
    return Rule(f"any {kind}", np.tile(everyone, len(columns)), key, np.zeros(len(key), np.int64))


def _sorted_names(of: Features, everyone: NDArray[np.int32]) -> Iterator[Rule]:
    """Neighbours in the telephone book, by either name first."""
    assert of.first and of.last
    first, last = _rank(of.first), _rank(of.last)
    width = len(of.first.words) + 1
    told = of.first.is_told & of.last.is_told
    everybody = np.where(told, np.int64(0), np.int64(MISSING))
    yield Rule("sorted by last name", everyone, everybody, last * width + first, is_last_resort=True)
    yield Rule("sorted by first name", everyone, everybody, first * width + last, is_last_resort=True)


def _rank(values: Values) -> Keys:
    """Alphabetical place of each record's word."""
    place = np.empty(len(values.words) + 1, np.int64)
    place[np.argsort(values.words.astype(str), kind="stable")] = np.arange(len(values.words))
    place[-1] = MISSING
    return place[values.codes]


def _one_key(values: Values) -> Keys:
    return np.where(values.is_told, np.int64(0), np.int64(MISSING))


def _keys(*codes: NDArray[np.int32]) -> Keys:
    """One number per combination; -1 where any part is missing."""
    key = codes[0].astype(np.int64)
    for more in codes[1:]:
        told = (key >= 0) & (more >= 0)
        key = np.where(told, key * (int(more.max(initial=0)) + 1) + more, MISSING)
    return key
