"""Intervals, odd sizes and what sets members apart: small numbers must not look like findings."""

import pytest

from segments.distinguish import Thing, parts, told
from segments.intervals import ratio, share, z_for
from segments.sizes import is_odd_change

ROME = Thing("trait:city", "city", "is Rome")
OSLO = Thing("trait:city", "city", "is Oslo")


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0), (500, 1000, 0.4691, 0.5309), (0, 0, 0, 1)],
)
def test_the_interval_of_a_share_is_wilsons(part: int, whole: int, low: float, high: float) -> None:
    found = share(part, whole)
    assert [found.low, found.high] == pytest.approx([low, high], abs=1e-4)


def test_a_ratio_of_equal_shares_holds_one_and_narrows_with_more_people() -> None:
    few, many = ratio(5, 50, 5, 50), ratio(500, 5000, 500, 5000)
    assert few.low < many.low < 1 < many.high < few.high
    none, all_of_few = ratio(0, 100, 500, 1000), ratio(40, 40, 4000, 5000)
    assert none.low == 0 < none.high < 0.1
    assert 1.1 < all_of_few.low < 1.2
    assert ratio(30, 100, 0, 5000).low > 100


def test_more_comparisons_ask_for_more() -> None:
    assert z_for(1) == pytest.approx(1.96, abs=0.01)
    assert z_for(1000) > 4


def test_only_what_is_different_beyond_doubt_is_told() -> None:
    sure, chance = (ROME, 600, 1000), (OSLO, 40, 220)
    found = told([sure, chance], 1000, 5000)
    assert [one.thing for one in found] == [ROME]
    assert found[0].is_more
    assert (found[0].of_members, found[0].of_everybody) == (0.6, 0.2)
    assert found[0].lift.low < 3 < found[0].lift.high


def test_what_is_missing_among_members_is_told_as_well() -> None:
    found = told([(ROME, 0, 1500)], 1000, 5000)
    assert [one.is_more for one in found] == [False]


def test_one_trait_does_not_fill_the_list() -> None:
    towns = [(Thing("trait:city", "city", f"is {n}"), 300, 100) for n in range(5)]
    assert len(told([*towns, (Thing("trait:age", "age", "is 7"), 250, 100)], 1000, 5000)) == 3


def test_few_people_are_never_a_finding() -> None:
    assert told([(ROME, 6, 3)], 30, 5000) == ()
    assert told([(ROME, 35, 4000)], 40, 5000) == ()
    assert told([], 1000, 5000) == ()


def test_a_number_with_few_values_is_told_by_value_and_another_by_quarters() -> None:
    assert [word for word, _ in parts({1: 5, 2: 7})] == ["is 1", "is 2"]
    ages = {float(age): 1 for age in range(1, 101)}
    said = dict(parts(ages))
    assert list(said) == ["is at most 25", "is above 75", "is above 50, the middle of everybody"]
    assert next(iter(dict(parts({0.0: 60, **ages})))) == "is 0"
    assert [sum(map(holds, ages)) for holds in said.values()] == [25, 25, 50]


@pytest.mark.parametrize(
    ("per_day", "is_odd"),
    [
        ([1000, 1010, 1000, 1010, 1000, 1010, 1000, 1010, 1000, 1600], True),
        ([1000, 1010, 1000, 1010, 1000, 1010, 1000, 1010, 1000, 400], True),
        ([1000, 1100, 1200, 1300, 1400, 1500, 1600, 1700, 1800, 1900], False),
        ([10, 11, 10, 11, 10, 11, 10, 11, 10, 40], False),
        ([None, None, None, 1000, 1010, 1000, 1600], False),
        ([], False),
    ],
)
def test_a_size_is_odd_that_changes_far_more_than_days_usually_bring(per_day: list[int | None], is_odd: bool) -> None:
    assert is_odd_change(per_day) is is_odd
