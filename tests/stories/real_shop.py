"""What the walk with a real shop's data brings along: the file, what must come out of it by plain arithmetic, the
addresses, the mail, and who does what afterwards."""

import csv
import gzip
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

DOCS = Path(__file__).resolve().parents[2] / "docs" / "real-shop.md"
ABOUT_PERCENT = 5
"""How far a number that is told as “about” may be off: models differ a little between processors."""
EVERY = 4
"""One customer in four, by the number: the whole file takes longer than a test may."""
LONDON = ZoneInfo("Europe/London")
ENDS_AT = datetime(2011, 12, 9, 12, 50, tzinfo=LONDON).astimezone(UTC)
"""The last order of the file."""
NO_NEWS_EVERY = 10
"""One in so many did not agree to news."""
SHOP = "https://shop.example/"

Line = dict[str, str]


@dataclass(frozen=True)
class Order:
    customer: int
    at: datetime
    total: Decimal


def lines_of(path: Path) -> list[Line]:
    """Of one customer in four, and of one order in four of those that name no customer."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        return [line for line in csv.DictReader(stream) if _number(line) % EVERY == 0]


def _number(line: Line) -> int:
    return int(line["CustomerID"] or re.sub(r"\D", "", line["InvoiceNo"]))


def as_csv(lines: Iterable[Mapping[str, object]]) -> bytes:
    rows = list(lines)
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return gzip.compress(stream.getvalue().encode(), 1)


def orders_of(lines: Iterable[Line]) -> list[Order]:
    """Purchases alone: what was given back has a number that begins with C, or sums below zero."""
    invoices: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        if line["CustomerID"]:
            invoices[line["InvoiceNo"]].append(line)
    found = []
    for number, of in invoices.items():
        total = sum((int(line["Quantity"]) * Decimal(line["UnitPrice"]) for line in of), Decimal(0))
        at = datetime.fromisoformat(of[0]["InvoiceDate"]).replace(tzinfo=LONDON).astimezone(UTC)
        if total >= 0 and not number.startswith("C"):
            found.append(Order(int(of[0]["CustomerID"]), at, total.quantize(Decimal("0.01"), ROUND_HALF_UP)))
    return found


def recent_high_value(orders: Iterable[Order], *, now: datetime) -> set[int]:
    """Ordered in the last 15 days, and for more than 200 in all."""
    spent: dict[int, Decimal] = defaultdict(Decimal)
    lately = set()
    for order in orders:
        spent[order.customer] += order.total
        if order.at > now - timedelta(days=15):
            lately.add(order.customer)
    return {customer for customer in lately if spent[customer] > 200}


def lapsed(orders: Iterable[Order], *, now: datetime) -> set[int]:
    """Bought, and not in the last 90 days."""
    last: dict[int, datetime] = {}
    for order in orders:
        last[order.customer] = max(order.at, last.get(order.customer, order.at))
    return {customer for customer, at in last.items() if at <= now - timedelta(days=90)}


def addresses(lines: Iterable[Line]) -> list[dict[str, object]]:
    """The data set names nobody: made-up addresses, which lead nowhere, and who agreed to news."""
    customers = sorted({int(line["CustomerID"]) for line in lines if line["CustomerID"]})
    return [
        {"CustomerID": one, "E-mail": address(one), "News": "no" if _nth(one) % NO_NEWS_EVERY == 0 else "yes"}
        for one in customers
    ]


def address(customer: int) -> str:
    return f"customer-{customer}@mail.example"


def customer_of(address: str) -> int:
    return int(address.partition("@")[0].rpartition("-")[2])


def _nth(customer: int) -> int:
    return customer // EVERY


def opens(customer: int) -> bool:
    return _nth(customer) % 3 == 0


def clicks(customer: int) -> bool:
    return _nth(customer) % 6 == 0


def clicks_product(customer: int) -> bool:
    """Rather than the button."""
    return _nth(customer) % 12 == 0


def buys(customer: int, *, got_mail: bool) -> bool:
    """Half of those who click, and one in ten whatever comes."""
    return _nth(customer) % 10 == 7 or (got_mail and _nth(customer) % 12 == 0)


def worth(customer: int) -> int:
    return 40 + customer % 50


NEARLY_LOST = "It has been a long time. Tell us what we can do better, and take 15 % off your next order."
GOING = "Your favourites are back in stock. This week we pay the postage."
STAYS = "Here is what is new since you were here."


def mail(content: Mapping[str, Any], *, predictor: int) -> dict[str, Any]:
    """Three branches by how likely somebody is to order nothing for 90 days, then items for this very person."""

    def scored(op: str, value: float) -> dict[str, Any]:
        leaf = {"kind": "score", "id": predictor, "op": op, "value": value}
        return {"version": 1, "root": {"kind": "all", "of": [leaf]}}

    otherwise = {"id": "stays", "kind": "text", "text": STAYS}
    going = {"id": "going", "kind": "text", "text": GOING, "when": scored("at_least", 0.4), "else": otherwise}
    lost = {"id": "lost", "kind": "text", "text": NEARLY_LOST, "when": scored("more_than", 0.8), "else": going}
    picks = {
        "id": "picks",
        "kind": "products",
        "source": {"kind": "recommended", "fallback": "popular"},
        "limit": 4,
        "per_row": 2,
        "button": "Look at it",
        "shows_reason": True,
    }
    blocks = [
        {"id": "hello", "kind": "heading", "text": "We kept a place for you"},
        lost,
        picks,
        {"id": "go", "kind": "button", "text": "To the shop", "url": SHOP},
        {"id": "foot", "kind": "footer", "text": "The Gift Shop, High Street 1, London."},
    ]
    return {**content, "version": 2, "subject": "We kept a place for you", "blocks": blocks}


def branch(score: float) -> str:
    return NEARLY_LOST if score > 0.8 else GOING if score >= 0.4 else STAYS


def told() -> dict[str, str]:
    """What the page of the docs says: every row of its tables of numbers."""
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    return {what: number for what, number in rows if re.search(r"\d", number)}


def differences(found: Mapping[str, str], said: Mapping[str, str]) -> list[str]:
    """Found and told in the docs, where they are not the same."""
    return [
        f"| {what} | {found.get(what, 'nothing')} | the docs say {said.get(what, 'nothing')}"
        for what in [*found, *(set(said) - set(found))]
        if not _agree(found.get(what, ""), said.get(what, ""))
    ]


def _agree(found: str, said: str) -> bool:
    if not said.startswith("about "):
        return found == said
    wanted, is_ = (float(text.removeprefix("about ").replace(",", "")) for text in (said, found or "nan"))
    return abs(is_ - wanted) <= max(wanted * ABOUT_PERCENT / 100, 0.02 if wanted < 1 else 2)
