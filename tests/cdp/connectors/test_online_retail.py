"""A real shop's year, 541,909 invoice lines, as orders of its customers. What must come out is computed here from
the file alone, by other code; for the whole file it is also written down.

Without the whole file (CC0; 7 MB, `shared/data` of the checkout or above it) its twelve thousand lines in
tests/data say the same of a few weeks.
"""

import csv
import gzip
from collections import defaultdict
from dataclasses import astuple, dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.files import File

from cdp.connectors import imports
from cdp.events import revenue
from cdp.events.models import Event, EventItem, EventState, Order, RejectedMessage
from cdp.profiles.models import Identifier, Profile
from tests.cdp.connectors.importing import finish, the_file
from tests.taking_in import NOW, rows, source

SLICE = Path(__file__).parents[2] / "data" / "online_retail_slice.csv.gz"
NOT_PRODUCTS = {"POST", "DOT", "C2", "D", "M", "S", "B", "BANK CHARGES", "AMAZONFEE", "CRUK"}


@dataclass
class Sums:
    lines: int = 0
    nobodys_lines: int = 0
    nobodys_orders: int = 0
    nobodys_money: Decimal = Decimal(0)
    orders: int = 0
    refunds: int = 0
    customers: int = 0
    gross: Decimal = Decimal(0)
    refunded: Decimal = Decimal(0)
    products: int = 0


WHOLE = Sums(
    lines=541_909,
    nobodys_lines=135_080,
    nobodys_orders=3_710,
    nobodys_money=Decimal("1447682.12"),
    orders=18_536,
    refunds=3_654,
    customers=4_372,
    gross=Decimal("8911407.90"),
    refunded=Decimal("611342.09"),
    products=404_913,
)


def sums_of(path: Path) -> Sums:
    found, customers = Sums(), set()
    invoices: dict[str, list[dict[str, str]]] = defaultdict(list)
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        for line in csv.DictReader(stream):
            invoices[line["InvoiceNo"]].append(line)
    for number, lines in invoices.items():
        found.lines += len(lines)
        money = sum(int(line["Quantity"]) * Decimal(line["UnitPrice"]) for line in lines)
        customer = lines[0]["CustomerID"]
        if not customer:
            found.nobodys_lines += len(lines)
            found.nobodys_orders += 1
            found.nobodys_money += money
            continue
        customers.add(customer)
        found.products += sum(line["StockCode"].upper() not in NOT_PRODUCTS for line in lines)
        cents = Decimal(money).quantize(Decimal("0.01"), ROUND_HALF_UP)
        if number.startswith("C"):
            found.refunds += 1
            found.refunded -= cents
        else:
            found.orders += 1
            found.gross += cents
    found.customers = len(customers)
    return found


def test_what_is_known_of_the_whole_file() -> None:
    """The independent reading of the file itself comes to the figures written down."""
    whole = the_file("online_retail.csv.gz")
    if whole is None:
        pytest.skip("the whole file is not here; the slice is tested below")
    assert astuple(sums_of(whole)) == astuple(WHOLE)


@pytest.mark.django_db
def test_a_real_shop_comes_in_as_orders_of_its_customers(settings: LazySettings) -> None:
    settings.REPORTING_CURRENCY = "GBP"
    path = the_file("online_retail.csv.gz") or SLICE
    expected = sums_of(path)
    with path.open("rb") as stream:
        one = imports.upload(File(stream), name=path.name, source=source("retail"), actor=None, now=NOW)
    assert (one.maker, one.preset) == ("online_retail", "orders")
    one = finish(one)
    nobody = one.skipped["no customer"]
    assert (one.job.state, one.job.done, one.rejected) == ("done", expected.lines, 0)
    assert (nobody["rows"], nobody["things"]) == (expected.nobodys_lines, expected.nobodys_orders)
    assert Decimal(nobody["amount"]) == expected.nobodys_money
    assert RejectedMessage.objects.count() == 0
    customers = Identifier.objects.filter(namespace="user_id")
    assert customers.count() == Profile.objects.count() == expected.customers
    assert not Event.objects.filter(properties__products__0__product_id="POST").exists()
    ((orders, refunds, gross, refunded, net),) = rows(
        f"select {revenue.ORDERS}, count(*) filter (where o.ordered_at is null), sum(o.total), sum(o.refunded),"
        f" {revenue.REVENUE} from events_order o"
    )
    assert (orders, refunds, gross, refunded) == (
        expected.orders,
        expected.refunds,
        expected.gross,
        expected.refunded,
    )
    assert net == expected.gross - expected.refunded
    assert EventItem.objects.count() == expected.products
    assert dict(rows("select name, sum(value) from events_event group by name")) == {
        "Order Completed": expected.gross,
        "Order Refunded": -expected.refunded,
    }
    assert dict(rows("select name, sum(sum) from events_eventstate group by name")) == {
        "Order Completed": expected.gross,
        "Order Refunded": -expected.refunded,
    }
    assert rows("select count(*) from events_event_default") == [(0,)]
    assert Order.objects.count() == expected.orders + expected.refunds
    assert EventState.objects.exists()
