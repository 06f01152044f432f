"""A small shop with a year behind it: customers with rhythms of their own, some of whom have quietly left."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

from tests.taking_in import identify, take_in, track

FIRST = ("Ada", "Bea", "Carl", "Dina", "Emil", "Fatma", "Greta", "Hugo", "Ines", "Jonas", "Kemal", "Lena", "Marta")
YEAR = 400
AT_ONCE = 1_500


def customers(people: int, *, now: datetime, seed: int = 5) -> None:
    """Each orders every few days or every few weeks, looks around before, and leaves for good sooner or later: who
    orders every few days. 30 days of silence mean something else for each."""
    random = Random(seed)
    said: list[dict[str, Any]] = []
    for number in range(people):
        said += _customer(number, random, now=now)
    for start in range(0, len(said), AT_ONCE):
        take_in(said[start : start + AT_ONCE], lane="bulk", now=now, of="shop")


def _customer(number: int, random: Random, *, now: datetime) -> list[dict[str, Any]]:
    user, gap_days = f"c{number}", random.choice((4, 5, 6, 7, 8, 45, 50, 55))
    spends = random.lognormvariate(3.2, 0.6)
    day = random.uniform(0, YEAR * 0.7)
    leaves_on = day + (random.expovariate(1 / 110) if gap_days < 10 else YEAR)
    traits = {
        "email": f"{user}@shop.example",
        "name": f"{FIRST[number % len(FIRST)]} {user}",
        "city": random.choice("ABC"),
    }
    found = [identify(user, at=now - timedelta(days=YEAR - day), traits=traits)]
    while day < min(leaves_on, YEAR):
        at = now - timedelta(days=YEAR - day)
        found.append(track(user, "Product Viewed", at=at - timedelta(hours=1), properties={"product_id": "p1"}))
        order = {"order_id": f"{user}-{day:.2f}", "total": round(spends * random.lognormvariate(0, 0.3), 2)}
        found.append(track(user, "Order Completed", at=at, properties=order))
        day += random.gammavariate(6, gap_days / 6)
    return found
