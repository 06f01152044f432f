"""Levels of agreement: what a steward would call the same, a slip, or different."""

from typing import Any

import numpy as np
import pytest

from identity.columns import Kind
from identity.compare import BirthDates, Identifiers, Numbers, Phones, Texts
from identity.compare_emails import Emails
from identity.compare_names import MiddleNames, Names
from identity.compare_places import Parts, Places
from identity.values import Values, encode

A, B = np.array([0]), np.array([1])


def told(*cells: str) -> Values:
    return encode(cells)


def level(comparer: Any) -> list[int]:
    return [int(levels[0]) for levels in comparer.levels(A, B)]


def names(one: tuple[str, str], two: tuple[str, str]) -> list[int]:
    both = encode([one[0], two[0], one[1], two[1]])
    return level(Names(Values(both.codes[:2], both.words), Values(both.codes[2:], both.words)))


@pytest.mark.parametrize(
    ("one", "two", "levels"),
    [
        (("ada", "byron"), ("ada", "byron"), [6, 6]),
        (("bob", "byron"), ("robert", "byron"), [5, 6]),
        (("a", "byron"), ("ada", "byron"), [5, 6]),
        (("jose maria", "smith"), ("jose", "smith jones"), [5, 5]),
        (("byron", "ada"), ("ada", "byron"), [6, 6]),
        (("byorn", "ada"), ("ada", "byron"), [4, 6]),
        (("murphy", ""), ("logan", "murphy"), [6, 0]),
        (("", "murphy"), ("", "pmurphy"), [0, 4]),
        (("eleanor", "x"), ("nleaeor", "y"), [2, 1]),
        (("ada", "byron"), ("grace", "hopper"), [1, 1]),
        (("", ""), ("ada", "byron"), [0, 0]),
    ],
)
def test_names(one: tuple[str, str], two: tuple[str, str], levels: list[int]) -> None:
    assert names(one, two) == levels
    assert sorted(names(two, one)) == sorted(levels)


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        ("19710624", "19710624", 6),
        ("19710624", "19710524", 5),
        ("19710603", "19710306", 5),
        ("19710624", "19710642", 5),
        ("19710624", "19830624", 4),
        ("19710624", "19810614", 3),
        ("19710624", "19810515", 1),
        ("19710624", "19810514", 2),
        ("", "19710624", 0),
        ("19710101", "19710624", 4),
        ("19710101", "19830624", 1),
        ("19240624", "20240624", 5),
        ("19710101", "19710101", 6),
    ],
)
def test_birth_dates(one: str, two: str, expected: int) -> None:
    assert level(BirthDates(told(one, two))) == [expected]


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        ("ada.byron@x.org", "ada.byron@x.org", 5),
        ("ada.byron@x.org", "ada.byron@y.com", 4),
        ("evied56@harris-bailey.net", "evihd56@earris-bailey.net", 3),
        ("evied56@harris-bailey.net", "evihd56@eraris-byiley.net", 2),
        ("anne63@zan.org", "anne78@zan.org", 1),
        ("anne63@zan.org", "anne62@zan.org", 2),
        ("ada@x.org", "grace@y.com", 1),
        ("", "ada@x.org", 0),
    ],
)
def test_emails(one: str, two: str, expected: int) -> None:
    assert level(Emails([told(one, two)])) == [expected]


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        ("ada.byron@x.org", "ada.byron@y.com", 0),
        ("byron.a@x.org", "byron.a@y.com", 0),
        ("ada.byron@x.org", "ada.byron@x.org", 5),
        ("ada.byron77@x.org", "ada.byron77@y.com", 4),
        ("countess@x.org", "countess@y.com", 4),
    ],
)
def test_a_mailbox_made_of_the_name_says_no_more_than_the_name(one: str, two: str, expected: int) -> None:
    first, last = told("ada", "ada"), told("byron", "byron")
    assert level(Emails([told(one, two)], first, last)) == [expected]


@pytest.mark.parametrize(("one", "two", "expected"), [("m", "maria", 5), ("maria", "mraia", 4), ("maria", "john", 1)])
def test_middle_names(one: str, two: str, expected: int) -> None:
    assert level(MiddleNames(told(one, two))) == [expected]


def test_the_best_of_several_addresses_counts() -> None:
    assert level(Emails([told("ada@x.org", "home@y.org"), told("home@y.org", "")])) == [5]
    assert level(Phones([told("+442079460018", "5550100"), told("5550100", "")])) == [4]


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        ("6932893", "6932893", 4),
        ("6932893", "632893", 3),
        ("9557090", "2550790", 2),
        ("6932893", "1111111", 1),
        ("", "1", 0),
    ],
)
def test_identifiers(one: str, two: str, expected: int) -> None:
    assert level(Identifiers("ssn", told(one, two))) == [expected]


def place(one: tuple[str, str, str, str], two: tuple[str, str, str, str]) -> int:
    columns = [told(*cells) for cells in zip(one, two, strict=True)]
    return level(Places(Parts(*columns)))[0]


@pytest.mark.parametrize(
    ("two", "expected"),
    [
        (("high st", "12", "york", "yo1"), 7),
        (("hgih st", "12", "yrok", "yo1"), 7),
        (("high st", "12", "", ""), 7),
        (("high st", "14", "york", "yo1"), 5),
        (("high st", "12", "leeds", "ls2"), 6),
        (("", "", "york", "yo1"), 4),
        (("mill ln", "3", "york", "yo1"), 3),
        (("mill ln", "3", "yorck", "yo9"), 2),
        (("mill ln", "3", "leeds", "yo2"), 2),
        (("mill ln", "3", "leeds", "ls2"), 1),
        (("", "", "", ""), 0),
    ],
)
def test_places(two: tuple[str, str, str, str], expected: int) -> None:
    assert place(("high st", "12", "york", "yo1"), two) == expected


def test_a_file_with_towns_alone() -> None:
    def town(one: str, two: str) -> int:
        return level(Places(Parts(None, None, told(one, two), None)))[0]

    assert [town("london", x) for x in ("london", "lonodn", "leeds", "")] == [4, 2, 1, 0]


def test_texts_and_numbers() -> None:
    assert level(Texts("firm", Kind.COMPANY, told("acme trading", "trading acme"))) == [3]
    assert level(Texts("firm", Kind.COMPANY, told("acme trading", "zenith"))) == [1]
    assert level(Numbers("height", told("180", "181"))) == [2]
    assert level(Numbers("height", told("180", "150"))) == [1]
    assert level(Numbers("age", told("7", "8"))) == [2]
    assert level(Numbers("score", told("0.7", "0.8"))) == [1]
