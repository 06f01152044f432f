"""Every feature is documented, and its reasons read as clauses."""

from pathlib import Path

import pytest

from scoring.columns import Column, Unit, shown
from scoring.features import Wanted, columns

DOCS = Path(__file__).parent.parent.parent.parent / "docs" / "predictions.md"
ALL = columns(Wanted())


@pytest.mark.parametrize("column", ALL, ids=lambda column: column.name)
def test_it_is_in_the_docs(column: Column) -> None:
    assert f"| `{column.name}` | {column.says} | {column.unit} |" in DOCS.read_text(encoding="utf-8")


@pytest.mark.parametrize("column", ALL, ids=lambda column: column.name)
def test_its_reasons_name_the_value(column: Column) -> None:
    value: float | str = "email" if column.is_category else 4.0
    for is_more in (True, False):
        said = column.reason(value, is_more=is_more)
        assert shown(column.unit, value) in said
        assert "{" not in said
    assert column.reason(None, is_more=True)


def test_once_and_never_are_said_so() -> None:
    orders = next(one for one in ALL if one.name == "orders_30d")
    assert orders.reason(1.0, is_more=True) == "ordered once in 30 days"
    assert orders.reason(0.0, is_more=False) == "has not ordered in 30 days"


def test_names_are_their_own() -> None:
    assert len({column.name for column in ALL}) == len(ALL)


@pytest.mark.parametrize(
    ("unit", "value", "said"),
    [
        (Unit.DAYS, 40.2, "40 days"),
        (Unit.DAYS, 1.0, "1 day"),
        (Unit.DAYS, 1.55, "1.6 days"),
        (Unit.COUNT, 1234.0, "1,234"),
        (Unit.MONEY, 1250.5, "1,250.50"),
        (Unit.SHARE, 0.304, "30 %"),
        (Unit.HOUR, 18.5, "18:30"),
        (Unit.NUMBER, 2.04, "2"),
        (Unit.CATEGORY, "email", "email"),
    ],
)
def test_a_value_is_shown_in_its_unit(unit: Unit, value: float | str, said: str) -> None:
    assert shown(unit, value) == said
