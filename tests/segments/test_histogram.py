"""How a number is spread over people."""

import pytest

from cdp.rules.fields import RuleError
from cdp.rules.tree import UTC
from segments.histogram import Histogram, NoNumber, histogram, number_of
from tests.cdp.rules.test_rules import BUY, VIEW, event, last, trait
from tests.taking_in import NOW, ago, identify, take_in, track


def of(leaf: object) -> Histogram | None:
    return histogram(number_of(leaf), now=NOW, zone=UTC)


@pytest.mark.django_db
def test_counts_of_events() -> None:
    take_in([track(f"u{one}", VIEW, at=ago(hours=n)) for one in range(10) for n in range(one % 3 + 1)])
    found = of(event(VIEW, window=last(7)))
    assert found
    assert (found.people, found.looked, found.is_exact, found.is_whole) == (10, 10, True, True)
    assert dict(zip(found.edges, found.counts, strict=False)) == {0: 0, 1: 4, 2: 3, 3: 3}
    assert found.mean == pytest.approx(1.9)
    assert found.percentiles == {10: 1, 25: 1, 50: 2, 75: 2, 90: 3, 99: 3}
    assert (found.ranks[0], found.ranks[100]) == (1, 3)


@pytest.mark.django_db
def test_one_large_order_does_not_press_the_others_into_one_bin() -> None:
    totals = [*range(10, 200), 1_000_000]
    orders = [track(f"u{n}", BUY, properties={"order_id": str(n), "total": total}) for n, total in enumerate(totals)]
    take_in(orders)
    found = of(event(BUY, "more_than", 50, measure="sum"))
    assert found
    assert found.edges[-1] < 300
    assert found.counts[-1] >= 1
    assert sum(found.counts) == len(totals)
    assert sum(1 for n in found.counts if n) > 15


@pytest.mark.django_db
def test_a_trait_and_only_those_who_have_it() -> None:
    take_in([identify("a", traits={"age": 30.5}), identify("b", traits={"age": "30"}), identify("c", traits={})])
    found = of(trait("age", "more_than", 18))
    assert found
    assert (found.people, found.mean, found.is_whole) == (1, 30.5, False)


@pytest.mark.django_db
def test_nobody_has_it() -> None:
    assert of(trait("age", "more_than", 18)) is None


@pytest.mark.parametrize("leaf", [{"kind": "segment", "id": 1, "op": "in"}, event(BUY, "is", "x", measure="last")])
def test_conditions_without_a_number(leaf: object) -> None:
    with pytest.raises(NoNumber):
        number_of(leaf)


def test_a_condition_that_is_not_complete_says_what_is_missing() -> None:
    with pytest.raises(RuleError, match=r"root\.name: is empty"):
        number_of(event(""))
