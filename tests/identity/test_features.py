"""What of a table is compared: parts brought together, and nothing twice."""

from collections.abc import Sequence

from identity.columns import Kind
from identity.features import Columns, Features, features
from identity.values import Values, encode


def made(**columns: tuple[Kind, Sequence[str]]) -> Features:
    table: Columns = {name: (kind, encode(cells)) for name, (kind, cells) in columns.items()}
    return features(table, size=len(next(iter(table.values()))[1].codes))


FIRST = (Kind.FIRST_NAME, ["ada", "grace", "alan", "linus"])
LAST = (Kind.LAST_NAME, ["byron", "hopper", "turing", "pauling"])
BORN = (Kind.BIRTH_DATE, ["1971-06-24", "1980-01-02", "1985-03-09", "1966-02-28"])


def texts(values: Values | None) -> list[str]:
    assert values
    return values.as_text()


def test_a_full_name_fills_in_where_no_part_is_told() -> None:
    of = made(first=(Kind.FIRST_NAME, ["ada", ""]), name=(Kind.FULL_NAME, ["Ada Byron", "Hopper, Grace"]))
    assert texts(of.first) == ["ada", "grace"]
    assert texts(of.last) == ["", "hopper"]


def test_a_name_alone_is_what_it_mostly_is() -> None:
    of = made(name=(Kind.FULL_NAME, ["Oliver Byron", "Oliver Hopper", "Oliver", "Byron"]))
    assert texts(of.first) == ["oliver", "oliver", "oliver", ""]
    assert texts(of.last) == ["byron", "hopper", "", "byron"]


def test_what_only_repeats_other_columns_is_left_out() -> None:
    of = made(
        first=FIRST, last=LAST, born=BORN,
        both=(Kind.TEXT, ["ada byron", "hopper grace", "alan turing", "pauling"]),
        year=(Kind.NUMBER, ["1971", "1980", "1985", "1966"]),
        age=(Kind.NUMBER, ["53", "44", "38", "58"]),
        job=(Kind.TEXT, ["countess", "admiral", "alan", "chemist"]),
        height=(Kind.NUMBER, ["165", "170", "180", "185"]),
    )  # fmt: skip
    assert set(of.others) == {"job", "height"}


def test_a_birth_date_in_three_columns() -> None:
    of = made(
        first=FIRST,
        last=LAST,
        y=(Kind.BIRTH_YEAR, ["1971", "1980", "", "1971"]),
        m=(Kind.BIRTH_MONTH, ["6", "1", "3", "6"]),
        d=(Kind.BIRTH_DAY, ["24", "2", "9", "24"]),
    )
    assert texts(of.one(Kind.BIRTH_DATE)) == ["19710624", "19800102", "", "19710624"]
    assert not of.others


def test_a_birth_year_alone_is_a_number() -> None:
    of = made(first=FIRST, last=LAST, y=(Kind.BIRTH_YEAR, ["1971", "1980", "1985", "1966"]))
    assert of.others["y"][0] is Kind.NUMBER
