"""Orders from reports: a table of cases, and the order of arrival never matters."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdp.events.accounting import Kind, Report, account

DAY = datetime(2026, 3, 1, tzinfo=UTC)


def report(text: str, *, profile: int = 1, order: str = "A1", source: int = 1, refund_id: str = "") -> Report:
    """`report("2 completed 50")`: on day 2, an order of 50. Without a number nothing is said about money."""
    day, kind, *amount = text.split()
    return Report(
        profile_id=profile,
        occurred_at=DAY + timedelta(days=int(day)),
        message_id=f"{text}/{profile}",
        source_id=source,
        record_id=profile * 10,
        order_id=order,
        kind=Kind(kind),
        amount=Decimal(amount[0]) if amount else None,
        refund_id=refund_id,
    )


CASES = [
    # reports, their values, total, refunded, cancelled
    (["0 completed 50"], ["50"], "50", "0", False),
    (["0 completed"], ["0"], "0", "0", False),
    (["0 completed 50", "1 completed 50"], ["50", None], "50", "0", False),
    (["1 completed 50", "0 completed 49"], [None, "49"], "49", "0", False),
    (["0 completed 50", "1 updated 60"], ["60", None], "60", "0", False),
    (["0 completed 50", "1 updated 60", "2 updated 55"], ["55", None, None], "55", "0", False),
    (["0 updated 60"], ["60"], "60", "0", False),
    (["0 updated 60", "1 completed 50"], [None, "50"], "50", "0", False),
    (["0 completed 50", "1 refunded 20"], ["50", "-20"], "50", "20", False),
    (["0 completed 50", "1 refunded 20", "2 refunded 40"], ["50", "-20", "-30"], "50", "50", False),
    (["0 completed 50", "1 refunded 20", "2 refunded"], ["50", "-20", "-30"], "50", "50", False),
    (["0 refunded 20"], ["-20"], "0", "20", False),
    (["0 refunded"], [None], "0", "0", False),
    (["0 completed 50", "1 cancelled"], ["50", "-50"], "50", "0", True),
    (["0 completed 50", "1 cancelled 50", "2 cancelled"], ["50", "-50", None], "50", "0", True),
    (["0 completed 50", "1 refunded 20", "2 cancelled"], ["50", "-20", "-30"], "50", "20", True),
    (["0 completed 50", "1 cancelled", "2 refunded 50"], ["50", "0", "-50"], "50", "50", True),
    (["0 cancelled 50"], [None], "0", "0", True),
]


@pytest.mark.parametrize(("texts", "values", "total", "refunded", "cancelled"), CASES)
def test_what_reports_come_to(
    texts: list[str], values: list[str | None], total: str, refunded: str, cancelled: bool
) -> None:
    reports = [report(text) for text in texts]
    found = account(reports)
    (order,) = found.orders
    assert [found.values[one.event] for one in reports] == [v and Decimal(v) for v in values]
    assert (order.total, order.refunded, order.is_cancelled) == (Decimal(total), Decimal(refunded), cancelled)


def test_one_refund_told_twice_counts_once() -> None:
    told = [
        report("0 completed 50"),
        report("1 refunded 20", refund_id="R"),
        report("2 refunded 20", refund_id="R"),
    ]
    (order,) = account(told).orders
    assert order.refunded == 20


def test_a_refund_under_another_profile_finds_its_order() -> None:
    found = account([report("0 completed 50", profile=1), report("1 refunded 20", profile=2)])
    (order,) = found.orders
    assert (order.profile_id, order.refunded) == (1, Decimal(20))


def test_two_people_may_each_have_an_order_of_one_number() -> None:
    found = account([report("0 completed 50", profile=1), report("1 completed 30", profile=2)])
    assert [(order.profile_id, order.total) for order in found.orders] == [(1, Decimal(50)), (2, Decimal(30))]


amounts = st.none() | st.integers(0, 60).map(str)
reports = st.lists(
    st.builds(
        lambda day, kind, amount, profile, order, source: report(
            f"{day} {kind} {amount or ''}", profile=profile, order=order, source=source
        ),
        st.integers(0, 5),
        st.sampled_from([kind.value for kind in Kind]),
        amounts,
        st.integers(1, 2),
        st.sampled_from(["A1", "A2"]),
        st.integers(1, 2),
    ),
    unique_by=lambda one: one.event,
    max_size=12,
)


@given(reports, st.randoms(use_true_random=False))
def test_arrival_order_never_matters(told: list[Report], random) -> None:  # type: ignore[no-untyped-def]
    shuffled = list(told)
    random.shuffle(shuffled)
    assert account(told) == account(shuffled)


@given(reports)
def test_values_sum_to_net_revenue(told: list[Report]) -> None:
    """The sum over events is what the orders say, except where a cancellation has no order to take back."""
    found = account(told)
    net = sum((0 if o.is_cancelled and o.ordered_at else o.total - o.refunded for o in found.orders), Decimal(0))
    assert sum((value or 0 for value in found.values.values()), Decimal(0)) == net
