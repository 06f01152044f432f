"""The whole demo shop: a pure function of seed, number of people and `until`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from cdp.connectors.demo.catalogue import BY_CODE, make_catalogue
from cdp.connectors.demo.interest import Year, buys_within, expected_orders, interest
from cdp.connectors.demo.life import Life
from cdp.connectors.demo.people import Person, make_people
from cdp.connectors.demo.voice import Fact, Voice

CHURNED_BELOW = 0.2
"""Interest at the end of the year, as a share of what it was."""


@dataclass(frozen=True)
class Size:
    people: int
    seed: int
    until: datetime


@dataclass(frozen=True)
class Told:
    """One person, everything that was said of them in time order, and the truth."""

    person: Person
    facts: list[Fact]
    truth: dict[str, Any]


def tell(size: Size) -> Iterator[Told]:
    """Everybody, one after the other."""
    catalogue, year = make_catalogue(size.seed), Year(size.until)
    for person in make_people(size.people, seed=size.seed, until=size.until):
        voice = Voice(f"demo-{size.seed}-{person.number}", size.until)
        Life(person, catalogue, year, voice, Random(f"life:{size.seed}:{person.number}")).tell()
        facts = sorted(voice.facts, key=lambda fact: fact.at)
        yield Told(person, facts, truth_of(person, sorted(voice.records), size.until))


def truth_of(person: Person, records: list[tuple[str, str]], until: datetime) -> dict[str, Any]:
    """What no table of the product says."""
    taste, home = person.taste, person.household
    left = interest(person, until.date())
    return {
        "person": person.number,
        "kind": person.kind.value,
        "records": [{"source": source, "key": key} for source, key in records],
        "household": home.number,
        "name": person.name,
        "email": person.email,
        "phone": person.phone,
        "born_on": person.born_on.isoformat(),
        "time_zone": home.city.time_zone,
        "habit": taste.habit.value,
        "orders_per_year": round(taste.pace, 3),
        "coupon_share": round(taste.thrift, 3),
        "return_share": round(taste.returning, 3),
        "categories": [BY_CODE[code].name for code in taste.categories],
        "brand": taste.brand,
        "reading_hour": round(taste.hour % 24, 2),
        "open_propensity": round(taste.opens, 3),
        "joined_at": person.joined_at.isoformat(),
        "drifts_at": person.drifts_at.isoformat() if person.drifts_at else None,
        "is_churned": left < CHURNED_BELOW,
        "buys_30d": round(buys_within(person, after=until, days=30), 4),
        "buys_90d": round(buys_within(person, after=until, days=90), 4),
        "orders_90d": round(expected_orders(person, after=until, days=90), 4),
        "consents": {
            "analytics": person.consents.analytics,
            "advertising": person.consents.advertising,
            "email": person.consents.email,
            "topics": list(person.consents.topics),
        },
    }
