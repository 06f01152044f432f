"""Proof R10, small: senders of three times too much are told when to come again, and nobody else notices."""

from collections.abc import Callable

from tests.faults.attack import prepare
from tests.faults.flood import BATCH
from tests.faults.overload import EFFECTS, SHARE, Lasting, overload
from tests.faults.tables import Tables
from tests.product import Product

SHORT = Lasting(saturated_s=2, normal_s=3, over_s=5, after_s=4)
LEAST_MS = 100.0
"""What is quicker anyway may vary by more than two."""


def test_r10_three_times_too_much_is_refused_in_order_and_leaves_nothing_behind(
    new_product: Callable[..., Product],
) -> None:
    product = new_product(INBOX_LIMIT_MB="4").start()
    found = overload(product, prepare(product, ["flood"])["flood"], SHORT, senders=40, seed="flood")
    for part in (found.full, found.normal, found.over, found.after):
        assert set(part.statuses) <= {"200", "429", "503"}
        assert part.without_retry_after == 0
    assert found.over.refused > 0
    assert found.after.refused == 0
    assert found.over.quantile_ms(0.99) <= 2 * max(found.normal.quantile_ms(0.99), LEAST_MS)
    a_second_s = SHARE * found.can_per_s / BATCH
    assert found.waiting_end <= max(found.waiting_mid, a_second_s), "more waits than came within a second"
    assert found.memory_growth <= 0.1
    tables = Tables(product)
    accepted = [
        found.full.statuses["200"],
        found.normal.statuses["200"],
        found.over.statuses["200"],
        found.after.statuses["200"],
    ]
    assert tables.ask(EFFECTS + " where name = 'Product Viewed'")[0][0] >= 100 * sum(accepted)
