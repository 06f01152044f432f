"""Proof S4 for one cell: whatever is in it, it does not run, and it can be read back. Every export is held to it by
tests/stories/test_exports.py."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdp.common.csv_out import csv_lines, plain_cell, safe_cell

STARTS = st.text(alphabet="=+-@\t\r\n ' \u00a0＝＋－＠", max_size=5)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", " =", "\n=", "＝", "\u00a0=", "'=", "''+"])
def test_a_cell_that_would_run_is_text(start: str) -> None:
    cell = f"{start}cmd|' /C calc'!A0"
    assert safe_cell(cell) == f"'{cell}"


@pytest.mark.parametrize("plain", ["-5", "+49123", "3.5", "Ada", "", "a=b", -7, None, "'s-Hertogenbosch", "O'Neill"])
def test_plain_cells_stay(plain: object) -> None:
    assert safe_cell(plain) == ("" if plain is None else str(plain))


@given(start=STARTS, rest=st.text(max_size=10))
def test_every_value_can_be_read_back_from_the_file(start: str, rest: str) -> None:
    value = start + rest
    lines = csv_lines([[value, "end"]])
    ((cell, _),) = csv.reader(io.StringIO("".join(lines), newline=""))
    assert plain_cell(cell) == value


def test_lines_are_quoted() -> None:
    assert list(csv_lines([["a,b", 'c"d', "=1+1"]])) == ['"a,b","c""d",\'=1+1\r\n']
