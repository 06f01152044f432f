"""What all reports about an order come to: the order and what each report is worth.

A pure function of the set of reports, so the order of their arrival cannot matter:

- The order's time is that of its earliest `Order Completed`; its total is what its newest `Order Updated`
  says, else what that earliest report says. It is worth the total to that one report, so a second report
  of the same order (from another source, or sent twice) is worth nothing and sums of revenue stay right.
- Refunds count in the order of their times, together at most the total. One without an amount is for
  all that is left. Two with the same refund id are one.
- The first cancellation takes back what no refund has; of an order nobody reported there is nothing to take.
- A refund of an order nobody reported is money that went out: it counts in full.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from itertools import groupby

ZERO = Decimal(0)


class Kind(StrEnum):
    COMPLETED = "completed"
    UPDATED = "updated"
    REFUNDED = "refunded"
    CANCELLED = "cancelled"


SALES = frozenset({Kind.COMPLETED, Kind.UPDATED})
EventKey = tuple[int, datetime, str, int]
"""profile_id, occurred_at, message_id, source_id: the key of the event that made the report."""


@dataclass(frozen=True)
class Report:
    """One message about an order. `amount`: in the reporting currency, not negative, None if not said."""

    profile_id: int
    occurred_at: datetime
    message_id: str
    source_id: int
    record_id: int
    order_id: str
    kind: Kind
    amount: Decimal | None
    refund_id: str = ""

    @property
    def event(self) -> EventKey:
        return self.profile_id, self.occurred_at, self.message_id, self.source_id

    @property
    def place(self) -> tuple[datetime, str, int, int]:
        """Where the report stands among all, the same whoever reads them in whatever order."""
        return self.occurred_at, self.message_id, self.source_id, self.profile_id


@dataclass(frozen=True)
class OrderRow:
    profile_id: int
    order_id: str
    record_id: int
    ordered_at: datetime | None
    total: Decimal
    refunded: Decimal
    is_cancelled: bool


@dataclass(frozen=True)
class Account:
    orders: tuple[OrderRow, ...]
    values: dict[EventKey, Decimal | None]


def account(reports: Iterable[Report]) -> Account:
    """All orders these reports speak of. `reports` must hold every report about each of their order ids."""
    orders: list[OrderRow] = []
    values: dict[EventKey, Decimal | None] = {}
    for _, same_id in groupby(sorted(reports, key=_by_order), key=lambda report: report.order_id):
        for home, members in _by_home(list(same_id)).items():
            orders.append(_order(home, members, values))
    return Account(tuple(orders), values)


def _by_order(report: Report) -> tuple[str, tuple[datetime, str, int, int]]:
    return report.order_id, report.place


def _by_home(reports: list[Report]) -> dict[int, list[Report]]:
    """Sales stay with the profile that reported them. A refund or cancellation under a profile that knows no
    such sale counts where the order's earliest sale is."""
    sellers = {report.profile_id for report in reports if report.kind in SALES}
    first = _first_sale(reports)
    homes: dict[int, list[Report]] = {}
    for report in reports:
        is_away = first is not None and report.profile_id not in sellers
        homes.setdefault(first.profile_id if first and is_away else report.profile_id, []).append(report)
    return homes


def _first_sale(reports: list[Report]) -> Report | None:
    sales = [report for report in reports if report.kind in SALES]
    return min(sales, key=lambda report: (report.kind is not Kind.COMPLETED, report.place), default=None)


def _order(home: int, reports: list[Report], values: dict[EventKey, Decimal | None]) -> OrderRow:
    """`reports` in the order of their times. Adds what each is worth to `values`."""
    values.update((report.event, None) for report in reports)
    sale = _first_sale(reports)
    total = _total(sale, reports) if sale else None
    refunded = _refunds(reports, total, values)
    cancel = next((report for report in reports if report.kind is Kind.CANCELLED), None)
    if sale is not None:
        values[sale.event] = total
    if cancel is not None and total is not None:
        values[cancel.event] = refunded - total
    return OrderRow(
        profile_id=home,
        order_id=reports[0].order_id,
        record_id=(sale or reports[0]).record_id,
        ordered_at=sale.occurred_at if sale else None,
        total=total or ZERO,
        refunded=refunded,
        is_cancelled=cancel is not None,
    )


def _total(sale: Report, reports: list[Report]) -> Decimal:
    updates = [
        report
        for report in reports
        if report.kind is Kind.UPDATED and report.amount is not None and report.place >= sale.place
    ]
    return (updates[-1].amount if updates else sale.amount) or ZERO


def _refunds(reports: list[Report], total: Decimal | None, values: dict[EventKey, Decimal | None]) -> Decimal:
    refunded, seen = ZERO, set[str]()
    for report in reports:
        if report.kind is not Kind.REFUNDED or report.refund_id in seen:
            continue
        seen |= {report.refund_id} - {""}
        left = None if total is None else total - refunded
        worth = _refund(report.amount, left)
        values[report.event] = -worth if worth is not None else None
        refunded += worth or ZERO
    return refunded


def _refund(amount: Decimal | None, left: Decimal | None) -> Decimal | None:
    if left is None or amount is None:
        return amount if left is None else left
    return min(amount, left)
