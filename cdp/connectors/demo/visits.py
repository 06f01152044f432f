"""One visit to the web shop, step by step. The seed tells it about the past, `simulate` plays it live."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

from cdp.connectors.demo.baskets import Basket, described, fill, look, order_properties, products
from cdp.connectors.demo.catalogue import Catalogue, Product
from cdp.connectors.demo.people import Habit, Person
from cdp.connectors.demo.season import poisson
from cdp.connectors.demo.voice import SHOP, WEB

SITE = "https://shop.example"
AGENTS = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile Safari/604.1",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/131.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 Version/17.5 Safari/605.1.15",
)
REFERRERS = ("", "", "https://search.example/", "https://social.example/")


@dataclass(frozen=True, slots=True)
class Step:
    """`after_s` seconds since the visit began; `body` is a message without ids and time."""

    after_s: float
    source: str
    body: dict[str, Any]


@dataclass(frozen=True)
class Visit:
    """`order_id` is empty for visits that end without an order; `campaign` is what a mail's link says."""

    person: Person
    on: date
    order_id: str = ""
    campaign: Mapping[str, str] | None = None


class _Pages:
    """Where the visitor is and how long it took them."""

    def __init__(self, visit: Visit, rng: Random) -> None:
        self.after_s = 0.0
        self._rng = rng
        home = visit.person.household
        referrer = rng.choice(REFERRERS)
        self._first: dict[str, Any] = {
            "userAgent": rng.choice(AGENTS),
            "locale": home.country.locale,
            "timezone": home.city.time_zone,
        }
        if visit.campaign:
            self._first["campaign"] = dict(visit.campaign)
        elif referrer:
            self._first["referrer"] = {"url": referrer}

    def page(self, path: str, title: str, category: str = "") -> Step:
        page = {"path": path, "url": SITE + path, "title": title}
        body: dict[str, Any] = {"type": "page", "name": title, "properties": page, "context": {"page": page}}
        if category:
            body["category"] = category
        body["context"] |= self._first
        self._first = {}
        return self._step(WEB, body)

    def track(self, name: str, properties: Mapping[str, Any], *, source: str = WEB) -> Step:
        return self._step(source, {"type": "track", "event": name, "properties": dict(properties)})

    def _step(self, source: str, body: dict[str, Any]) -> Step:
        step = Step(self.after_s, source, body)
        self.after_s += self._rng.uniform(4, 70)
        return step


def steps(visit: Visit, catalogue: Catalogue, rng: Random) -> Iterator[Step]:
    """From the first page to leaving, or to the order, which the shop's server reports."""
    taste = visit.person.taste
    pages = _Pages(visit, rng)
    seen = [look(taste, catalogue, visit.on, rng) for _ in range(1 + poisson(taste.views - 1, rng))]
    if visit.campaign or rng.random() < 0.4:
        yield pages.page("/", "Home")
    yield _arrival(pages, seen[0], taste.habit, rng)
    for product in seen:
        if rng.random() < 0.4:
            yield pages.page(f"/p/{product.id}", product.name, product.category)
        yield pages.track("Product Viewed", described(product) | {"currency": "EUR"})
    if visit.order_id:
        basket = fill(seen, taste, catalogue, visit.order_id, rng)
        yield from _checkout(pages, basket, rng)
        yield pages.track("Order Completed", order_properties(basket), source=SHOP)
    elif rng.random() < 0.16:
        yield from _second_thoughts(pages, seen[-1], visit, rng)


def _arrival(pages: _Pages, first: Product, habit: Habit, rng: Random) -> Step:
    """By search, or through a list of the category; those who bargain go where the sale is."""
    if rng.random() < 0.3:
        word = "sale" if habit is Habit.BARGAIN and rng.random() < 0.5 else first.name.rsplit(" ", 1)[-1].lower()
        return pages.track("Products Searched", {"query": word})
    on_sale = rng.random() < (0.55 if habit is Habit.BARGAIN else 0.12)
    list_id = "sale" if on_sale else first.category.lower()
    found = {"list_id": list_id, "category": first.category, "products": [described(first) | {"position": 1}]}
    return pages.track("Product List Viewed", found)


def _checkout(pages: _Pages, basket: Basket, rng: Random) -> Iterator[Step]:
    for line in basket.lines:
        yield pages.track("Product Added", described(line.product) | {"quantity": line.quantity, "currency": "EUR"})
    if len(basket.lines) > 1 and rng.random() < 0.1:
        yield pages.track("Product Removed", described(basket.lines[0].product) | {"quantity": 1})
        yield pages.track("Product Added", described(basket.lines[0].product) | {"quantity": 1, "currency": "EUR"})
    if rng.random() < 0.5:
        yield pages.track("Cart Viewed", {"cart_id": f"cart-{basket.order_id}", "products": products(basket.lines)})
    yield pages.track("Checkout Started", order_properties(basket))
    if basket.coupon:
        yield pages.track(
            "Coupon Applied",
            {"order_id": basket.order_id, "coupon_id": basket.coupon, "discount": basket.discount, "currency": "EUR"},
        )


def _second_thoughts(pages: _Pages, product: Product, visit: Visit, rng: Random) -> Iterator[Step]:
    """A cart that is left behind; those who bargain try a coupon that is no longer good."""
    added = described(product) | {"quantity": 1, "currency": "EUR"}
    yield pages.track("Product Added", added)
    cart = {"products": [added | {"position": 1}]}
    if rng.random() < 0.5:
        yield pages.track("Cart Viewed", cart)
    if rng.random() < 0.4:
        yield pages.track("Checkout Started", cart | {"value": product.price, "currency": "EUR"})
    if rng.random() < visit.person.taste.thrift / 2:
        yield pages.track("Coupon Denied", {"coupon_id": "SUMMER25", "reason": "expired"})
