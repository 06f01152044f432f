from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from cdp.connectors.cells import BadCell, DateOrder, to_answer, to_email, to_number, to_time

YMD, DMY, MDY = DateOrder.YEAR_FIRST, DateOrder.DAY_FIRST, DateOrder.MONTH_FIRST


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", "12"),
        ("-12.50", "-12.50"),
        ("£2.55", "2.55"),
        ("1,234.50", "1234.50"),
        ("1.234,50", "1234.50"),
        ("12,5", "12.5"),
        ("1,234", "1234"),
        ("€ 1.234.567,8", "1234567.8"),
        ("(3.00)", "-3.00"),
        (" 7 ", "7"),
    ],
)
def test_numbers_as_shops_write_them(text: str, number: str) -> None:
    assert to_number(text) == Decimal(number)


@pytest.mark.parametrize("text", ["", "twelve", "1.2.3", "12 apples", "--1", "NaN", "1e400"])
def test_what_is_no_number_says_what_would_be(text: str) -> None:
    with pytest.raises(BadCell, match=r"is not a number, such as 12\.50"):
        to_number(text)


@pytest.mark.parametrize(
    ("text", "order", "at"),
    [
        ("2026-01-31", YMD, "2026-01-31T00:00:00Z"),
        ("2026-01-31T09:30:00Z", DMY, "2026-01-31T09:30:00Z"),
        ("2026-01-31T09:30:00+02:00", YMD, "2026-01-31T07:30:00Z"),
        ("2026/1/31 9:05", YMD, "2026-01-31T09:05:00Z"),
        ("31/01/2026 09:30:10", DMY, "2026-01-31T09:30:10Z"),
        ("31.1.26", DMY, "2026-01-31T00:00:00Z"),
        ("1/2/2026 12:05 AM", MDY, "2026-01-02T00:05:00Z"),
        ("1/2/2026 1:05 pm", MDY, "2026-01-02T13:05:00Z"),
    ],
)  # fmt: skip
def test_times_in_utc(text: str, order: DateOrder, at: str) -> None:
    assert to_time(text, order=order, zone=UTC) == datetime.fromisoformat(at)


def test_a_time_without_offset_is_in_the_files_zone_summer_and_winter() -> None:
    london = ZoneInfo("Europe/London")
    assert to_time("2011-01-05 13:41:00", order=YMD, zone=london).hour == 13
    assert to_time("2011-07-05 13:41:00", order=YMD, zone=london).hour == 12


@pytest.mark.parametrize("text", ["", "yesterday", "31/01/2026", "2026-02-30", "1969-12-31", "2026-01-31 25:00"])
def test_what_is_no_time_says_what_would_be(text: str) -> None:
    with pytest.raises(BadCell, match="is not a time since 1970, such as 2026-01-31"):
        to_time(text, order=YMD, zone=UTC)


@pytest.mark.parametrize(
    ("text", "answer"),
    [("SUBSCRIBED", True), ("opted in", True), ("1", True), ("unsubscribed", False), ("NO", False),
     ("NEVER_SUBSCRIBED", None), ("", None)],
)  # fmt: skip
def test_answers(text: str, answer: bool | None) -> None:
    assert to_answer(text) is answer


def test_an_answer_that_is_neither_is_named() -> None:
    with pytest.raises(BadCell, match="“maybe” is neither yes nor no"):
        to_answer("maybe")


@pytest.mark.parametrize("text", ["ada", "ada@", "ada@example", "a b@example.org", "a" * 250 + "@example.org"])
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(BadCell, match="is not an e-mail address"):
        to_email(text)
