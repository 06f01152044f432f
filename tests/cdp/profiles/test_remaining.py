"""What a record still says once words are withdrawn."""

import pytest

from cdp.profiles.remaining import Entry, Spoken, remaining

BAD, GOOD = True, False


@pytest.mark.parametrize(
    ("current", "entries", "left"),
    [
        pytest.param(("B", "2"), [Entry("A", "1", GOOD), Entry("B", "2", BAD, ("A", "1"))], ("A", "1"), id="before"),
        pytest.param(("B", "2"), [Entry("B", "2", BAD)], None, id="nothing was there before"),
        pytest.param(("B", "2"), [Entry("B", "2", BAD, ("A", "1"))], ("A", "1"), id="older than the ledger"),
        pytest.param(("C", "3"), [Entry("B", "2", BAD, ("A", "1")), Entry("C", "3", GOOD, ("B", "2"))], ("C", "3"),
                     id="a newer word stays"),
        pytest.param(("B", "4"), [Entry("B", "2", BAD, ("A", "1"))], ("B", "4"), id="said again by someone else"),
        pytest.param(("C", "5"), [Entry("B", "2", BAD, ("A", "1")), Entry("C", "5", BAD, ("B", "4"))], ("B", "4"),
                     id="the repetition before it comes back"),
        pytest.param(("A", "2"), [Entry("A", "2", BAD, ("A", "1"))], ("A", "1"), id="only made to look newer"),
        pytest.param(("B", "5"), [Entry("B", "5", BAD), Entry("A", "3", GOOD)], ("A", "3"), id="arrived late"),
        pytest.param(("B", "2"), [Entry("B", "2", BAD), Entry("B", "2", GOOD)], ("B", "2"), id="another said the same"),
        pytest.param(("B", "2"), [], ("B", "2"), id="no ledger"),
        pytest.param(("A", "1"), [Entry("B", "2", GOOD, ("A", "1"))], ("B", "2"), id="undone: it counts again"),
        pytest.param((None, "2"), [Entry(None, "2", BAD, ("A", "1"))], ("A", "1"), id="a null is withdrawn"),
    ],
)  # fmt: skip
def test_what_is_left(current: Spoken, entries: list[Entry], left: Spoken | None) -> None:
    assert remaining(current, entries) == left
