"""Identifiers in the form in which they are compared, and values that name nobody."""

import pytest

from identity.blocked import is_blocked
from identity.gather import normal
from identity.rules import DEFAULTS


@pytest.mark.parametrize(
    ("namespace", "value", "expected"),
    [
        ("email", " Ada@Example.COM ", "ada@example.com"),
        ("email", "not an address", ""),
        ("email", None, ""),
        ("email", ["a@b.c"], ""),
        ("phone", "+49 (170) 123-4567", "+491701234567"),
        ("phone", "0170 1234567", "01701234567"),
        ("phone", 1701234567, "1701234567"),
        ("phone", "12", ""),
        ("phone", True, ""),
        ("loyalty", " L-7 ", "L-7"),
        ("loyalty", "null", ""),
        ("loyalty", "x" * 513, ""),
    ],
)
def test_normal(namespace: str, value: object, expected: str) -> None:
    assert normal(namespace, value, DEFAULTS) == expected


@pytest.mark.parametrize("value", ["null", "NULL", "undefined", "0000-0000", "", "-", "Anonymous", "[object Object]"])
def test_blocked(value: str) -> None:
    assert is_blocked(value)


@pytest.mark.parametrize("value", ["1", "10", "nullable", "anna", "0x1"])
def test_not_blocked(value: str) -> None:
    assert not is_blocked(value)
