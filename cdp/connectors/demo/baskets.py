"""What people look at and buy: taste, season and what goes with what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import accumulate
from random import Random
from typing import Any

from cdp.connectors.demo.catalogue import BY_CODE, CATEGORIES, Catalogue, Product
from cdp.connectors.demo.people import Habit, Taste
from cdp.connectors.demo.season import poisson, swing

CODES = tuple(category.code for category in CATEGORIES)
COUPONS = (("WELCOME10", 10), ("SALE20", 20), ("SEASON15", 15))
FREE_SHIPPING_FROM = 60.0
SHIPPING = 4.9
VAT = 0.19


@dataclass(frozen=True, slots=True)
class Line:
    product: Product
    quantity: int


@dataclass(frozen=True)
class Basket:
    order_id: str
    lines: tuple[Line, ...]
    coupon: str = ""
    discount_pct: int = 0

    @property
    def subtotal(self) -> float:
        return round(sum(line.product.price * line.quantity for line in self.lines), 2)

    @property
    def discount(self) -> float:
        return round(self.subtotal * self.discount_pct / 100, 2)

    @property
    def revenue(self) -> float:
        return round(self.subtotal - self.discount, 2)

    @property
    def shipping(self) -> float:
        return 0.0 if self.revenue >= FREE_SHIPPING_FROM else SHIPPING

    @property
    def total(self) -> float:
        return round(self.revenue + self.shipping, 2)


@lru_cache(maxsize=4096)
def seasonal_sums(on: date) -> tuple[float, ...]:
    """Running sums of how much each category sells on that day."""
    return tuple(accumulate(swing(category.peak_month, category.swing, on) for category in CATEGORIES))


def look(taste: Taste, catalogue: Catalogue, on: date, rng: Random) -> Product:
    """One product that this person looks at on that day."""
    chance = rng.random()
    if chance < 0.46:
        code = taste.categories[0]
    elif chance < 0.66:
        code = taste.categories[1]
    else:
        code = rng.choices(CODES, cum_weights=seasonal_sums(on))[0]
    return catalogue.draw(code, brand=taste.brand, rng=rng)


def fill(seen: Sequence[Product], taste: Taste, catalogue: Catalogue, order_id: str, rng: Random) -> Basket:
    """Bought is what was looked at, and often something that goes with it."""
    first = rng.choice(seen)
    chosen = {first.id: first}
    for _ in range(poisson(0.7 if taste.habit is Habit.FREQUENT else 0.5, rng)):
        goes_with = BY_CODE[first.id[:3]].goes_with
        more = catalogue.draw(goes_with, rng=rng) if rng.random() < 0.6 else rng.choice(seen)
        chosen[more.id] = more
    lines = tuple(Line(product, rng.choices((1, 2, 3), weights=(84, 12, 4))[0]) for product in chosen.values())
    coupon, discount_pct = rng.choice(COUPONS) if rng.random() < taste.thrift else ("", 0)
    return Basket(order_id, lines, coupon, discount_pct)


def described(product: Product) -> dict[str, Any]:
    """A product as Segment's e-commerce events name its parts."""
    return {
        "product_id": product.id,
        "sku": product.id,
        "name": product.name,
        "category": product.category,
        "brand": product.brand,
        "price": product.price,
    }


def products(lines: Sequence[Line]) -> list[dict[str, Any]]:
    return [
        described(line.product) | {"quantity": line.quantity, "position": position}
        for position, line in enumerate(lines, start=1)
    ]


def order_properties(basket: Basket) -> dict[str, Any]:
    found: dict[str, Any] = {
        "order_id": basket.order_id,
        "total": basket.total,
        "subtotal": basket.subtotal,
        "revenue": basket.revenue,
        "shipping": basket.shipping,
        "tax": round(basket.revenue - basket.revenue / (1 + VAT), 2),
        "discount": basket.discount,
        "currency": "EUR",
        "products": products(basket.lines),
    }
    if basket.coupon:
        found["coupon"] = basket.coupon
    return found
