"""Columns as numbers."""

import numpy as np

from identity.values import encode, in_one_vocabulary, together


def test_missing_values_have_no_number() -> None:
    values = encode(["a", "", " b ", "a"])
    assert values.codes.tolist() == [0, -1, 1, 0]
    assert values.words.tolist() == ["a", "b"]
    assert values.as_text() == ["a", "", "b", "a"]


def test_another_order_numbers_values_as_they_come() -> None:
    one, two = encode(["x", "y", "", "z"]), encode(["z", "", "x", "y"])
    again = two.rows(np.array([2, 3, 1, 0]))
    assert again.codes.tolist() == one.codes.tolist()
    assert again.words.tolist() == one.words.tolist()


def test_values_of_one_form_become_one() -> None:
    lower = encode(["A", "a", "-", ""]).mapped(lambda text: text.strip("-").lower())
    assert lower.codes.tolist() == [0, 0, -1, -1]


def test_combinations_are_missing_where_all_parts_are() -> None:
    one, two = encode(["a", "a", "", "", "a"]), encode(["x", "y", "x", "", "x"])
    codes = together([one.codes, two.codes])
    assert codes[0] == codes[4]
    assert len({*codes.tolist()[:3]}) == 3
    assert codes[3] == -1


def test_one_vocabulary() -> None:
    one, two = in_one_vocabulary([encode(["ada", "grace"]), encode(["grace", ""])])
    assert one.codes[1] == two.codes[0]
    assert two.codes[1] == -1
    assert one.words is two.words
