"""The demo shop's people: who they are, what they are like, and whom they live with."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from random import Random
from zoneinfo import ZoneInfo

from cdp.connectors.demo.catalogue import CATEGORIES
from cdp.connectors.demo.season import DAYS
from cdp.connectors.demo.words import COUNTRIES, MAIL_DOMAINS, ROMAN, City, Country

PLACEHOLDER_EMAIL = "kasse@tributary-shop.example"
"""What a clerk types where a customer gives no address: shared by people who have nothing to do with each other."""


class Kind(StrEnum):
    """How the shop knows somebody."""

    ACCOUNT = "account"
    GUEST = "guest"
    CRM = "crm"
    VISITOR = "visitor"


class Habit(StrEnum):
    FREQUENT = "frequent"
    BARGAIN = "bargain"
    WINDOW = "window"
    REGULAR = "regular"


KIND_SHARES = {Kind.ACCOUNT: 0.72, Kind.GUEST: 0.12, Kind.CRM: 0.08, Kind.VISITOR: 0.08}
HABIT_SHARES = {Habit.FREQUENT: 0.14, Habit.BARGAIN: 0.16, Habit.WINDOW: 0.18, Habit.REGULAR: 0.52}


@dataclass(frozen=True)
class Manner:
    """Means of a habit. People scatter around them, so that habits overlap."""

    orders: float
    """Per year."""
    order_spread: float
    """Shape of the gamma distribution: smaller is wider."""
    thrift: float
    """Share of orders with a coupon."""
    visits: float
    """Per year, beyond those that end in an order."""
    views: float
    """Products looked at per visit."""


MANNERS = {
    Habit.FREQUENT: Manner(orders=22, order_spread=14, thrift=0.05, visits=8, views=2.2),
    Habit.BARGAIN: Manner(orders=8, order_spread=10, thrift=0.94, visits=12, views=3.4),
    Habit.WINDOW: Manner(orders=0.2, order_spread=2, thrift=0.2, visits=30, views=7),
    Habit.REGULAR: Manner(orders=3, order_spread=5, thrift=0.05, visits=4.5, views=2.1),
}


@dataclass(frozen=True)
class Household:
    number: int
    last_name: str
    street: str
    house: int
    postcode: str
    city: City
    country: Country
    device: str
    """Anonymous id of a tablet that all of them use; empty if there is none."""


@dataclass(frozen=True)
class Taste:
    habit: Habit
    pace: float
    """Orders per year while active."""
    thrift: float
    visits: float
    views: float
    categories: tuple[str, str]
    brand: str
    returning: float
    """Share of orders sent back."""
    opens: float
    """How likely a mail is opened that comes at the right hour."""
    hour: float
    """Local hour at which the person reads mail and shops."""


@dataclass(frozen=True)
class Consents:
    """What somebody allows at first. `email` includes the topics named; they may take it back later."""

    analytics: bool
    advertising: bool
    email: bool
    topics: tuple[str, ...]


@dataclass(frozen=True)
class Person:
    number: int
    kind: Kind
    household: Household
    first_name: str
    last_name: str
    born_on: date
    email: str
    old_email: str
    """A second address, known to the CRM or used as a guest; empty for most."""
    phone: str
    """E.164; empty for some."""
    joined_at: datetime
    drifts_at: datetime | None
    """From then on interest fades within weeks; None for those who stay."""
    devices: tuple[str, ...]
    taste: Taste
    consents: Consents

    @property
    def user_id(self) -> str:
        return f"C{10_000 + self.number}"

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.household.city.time_zone)

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"


def make_people(n: int, *, seed: int, until: datetime) -> list[Person]:
    """Household after household; each person's luck depends on the seed and their own number alone."""
    people: list[Person] = []
    phones: Counter[str] = Counter()
    for household, size in _households(seed):
        for place in range(size):
            if len(people) == n:
                return people
            people.append(_person(len(people), household, people[-place:] if place else [], phones, seed, until))
    raise AssertionError("there are always more households")


def _households(seed: int) -> Iterator[tuple[Household, int]]:
    number = 0
    while True:
        rng = Random(f"household:{seed}:{number}")
        country = rng.choices(COUNTRIES, weights=[one.share for one in COUNTRIES])[0]
        size = rng.choices((1, 2, 3), weights=(80, 16, 4))[0]
        city = rng.choice(country.cities)
        yield (
            Household(
                number=number,
                last_name=rng.choice(country.last_names),
                street=rng.choice(country.streets),
                house=rng.randint(1, 120),
                postcode=_postcode(city, country, rng),
                city=city,
                country=country,
                device=device(rng) if size > 1 and rng.random() < 0.5 else "",
            ),
            size,
        )
        number += 1


def _postcode(city: City, country: Country, rng: Random) -> str:
    if country.code == "GB":
        return f"{city.postcode}{rng.randint(1, 19)} {rng.randint(1, 9)}{rng.choice('ABDEFGHJ')}{rng.choice('LNPQRST')}"
    missing = country.postcode_digits - len(city.postcode)
    return city.postcode + "".join(str(rng.randint(0, 9)) for _ in range(missing))


def device(rng: Random) -> str:
    """An anonymous id as browsers make them: a random UUID, version 4."""
    bits = f"{rng.getrandbits(128):032x}"
    return f"{bits[:8]}-{bits[8:12]}-4{bits[13:16]}-a{bits[17:20]}-{bits[20:]}"


def _person(
    number: int, home: Household, family: list[Person], phones: Counter[str], seed: int, until: datetime
) -> Person:
    rng = Random(f"person:{seed}:{number}")
    kind = rng.choices(tuple(KIND_SHARES), weights=tuple(KIND_SHARES.values()))[0]
    taken = {one.first_name for one in family}
    first_name = rng.choice([name for name in home.country.first_names if name not in taken])
    last_name = home.last_name if rng.random() < 0.85 or not family else rng.choice(home.country.last_names)
    email = _email(first_name, last_name, number, rng)
    shares_email = bool(family) and rng.random() < 0.15
    shares_phone = bool(family) and rng.random() < 0.35
    joined_at, drifts_at = _span(rng, until)
    return Person(
        number=number,
        kind=kind,
        household=home,
        first_name=first_name,
        last_name=last_name,
        born_on=date(until.year - 18, 1, 1) - timedelta(days=int(rng.betavariate(1.6, 2.6) * 62 * 365)),
        email=family[0].email if shares_email else email,
        old_email=_email(first_name, last_name, number + 7, rng) if rng.random() < 0.15 else "",
        phone=family[0].phone if shares_phone else _phone(home.country, phones, rng),
        joined_at=joined_at,
        drifts_at=drifts_at,
        devices=tuple(device(rng) for _ in range(rng.choices((1, 2, 3), weights=(50, 38, 12))[0])),
        taste=_taste(rng),
        consents=_consents(kind, rng),
    )


def latin(text: str) -> str:
    """A name as it stands in an e-mail address."""
    text = ROMAN.get(text, text).lower()
    for letters, plain in (("äæ", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss"), ("éèêë", "e"), ("áàâ", "a"),
                           ("íìïî", "i"), ("óòô", "o"), ("úùû", "u"), ("ç", "c"), ("ñ", "n"), ("'", "")):  # fmt: skip
        for letter in letters:
            text = text.replace(letter, plain)
    return text


def _email(first: str, last: str, number: int, rng: Random) -> str:
    """The number keeps namesakes apart without standing out: most addresses of namesakes have one."""
    first, last, digits = latin(first), latin(last), number % 97 + 3
    local = rng.choice(
        (f"{first}.{last}{digits}", f"{first[0]}.{last}{digits}", f"{last}.{first}{digits}", f"{first}{last}{digits}")
    )
    return f"{local}@{rng.choice(MAIL_DOMAINS)}"


def _phone(country: Country, phones: Counter[str], rng: Random) -> str:
    """The next free number of the country, or none."""
    if not country.phone_prefixes or rng.random() < 0.12:
        return ""
    index = phones[country.code]
    phones[country.code] += 1
    size = 10**country.phone_digits
    prefix = country.phone_prefixes[index // size % len(country.phone_prefixes)]
    return f"{prefix}{index * 7 % size:0{country.phone_digits}d}"


def _span(rng: Random, until: datetime) -> tuple[datetime, datetime | None]:
    """More than half were customers before the year began; the others come through the year. A third drift away."""
    days_ago = rng.uniform(DAYS, 3 * DAYS) if rng.random() < 0.58 else rng.uniform(5, DAYS)
    joined_at = until - timedelta(days=days_ago)
    active_days = min(days_ago, DAYS)
    if rng.random() > 0.34 or active_days < 60:
        return joined_at, None
    return joined_at, until - timedelta(days=rng.uniform(10, active_days - 30))


def _taste(rng: Random) -> Taste:
    habit = rng.choices(tuple(HABIT_SHARES), weights=tuple(HABIT_SHARES.values()))[0]
    manner = MANNERS[habit]
    favourite, second = rng.sample(CATEGORIES, 2)
    return Taste(
        habit=habit,
        pace=rng.gammavariate(manner.order_spread, manner.orders / manner.order_spread),
        thrift=rng.betavariate(12 * manner.thrift, 12 * (1 - manner.thrift)),
        visits=rng.gammavariate(4, manner.visits / 4),
        views=max(1.2, rng.gauss(manner.views, 0.6)),
        categories=(favourite.code, second.code),
        brand=rng.choice(favourite.brands),
        returning=rng.betavariate(6, 8) if rng.random() < 0.06 else rng.betavariate(1, 20),
        opens=rng.betavariate(2, 2.4),
        hour=_reading_hour(rng),
    )


def _reading_hour(rng: Random) -> float:
    """Early birds, lunch breaks and evenings on the sofa."""
    return rng.choices((rng.gauss(7.2, 0.8), rng.gauss(12.5, 0.8), rng.gauss(20.3, 1.2)), weights=(30, 25, 45))[0]


def _consents(kind: Kind, rng: Random) -> Consents:
    """Visitors who never say who they are exist for the shop only where they let themselves be counted."""
    topics = tuple(topic for topic, share in TOPIC_SHARES.items() if rng.random() < share)
    return Consents(
        analytics=rng.random() < 0.86 or kind is Kind.VISITOR,
        advertising=rng.random() < 0.44,
        email=rng.random() < 0.72,
        topics=topics or ("newsletter",),
    )


TOPIC_SHARES = {"newsletter": 0.85, "offers": 0.75, "birthday": 0.6, "back-in-stock": 0.35}
