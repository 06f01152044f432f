"""The demo shop as data: the same every time, whole, and addressed to nobody real."""

import hashlib
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from cdp.connectors.demo.catalogue import make_catalogue
from cdp.connectors.demo.mess import email_with_typo, phone, typo
from cdp.connectors.demo.people import make_people
from cdp.connectors.demo.season import DAYS, black_friday, busyness
from cdp.connectors.demo.shop import Size, tell
from cdp.connectors.demo.words import COUNTRIES

from .features import UNTIL, told


def digest(size: Size) -> str:
    found = hashlib.sha256()
    for one in tell(size):
        found.update(json.dumps([one.facts, one.truth], default=str).encode())
    return found.hexdigest()


def test_the_same_seed_gives_the_same_bytes() -> None:
    size = Size(40, 1, UNTIL)
    assert digest(size) == digest(size)
    assert digest(size) != digest(Size(40, 2, UNTIL))


def test_more_people_leave_those_before_them_as_they_are() -> None:
    few, many = tell(Size(15, 1, UNTIL)), tell(Size(30, 1, UNTIL))
    assert all(a.facts == b.facts and a.truth == b.truth for a, b in zip(few, many, strict=False))


def test_message_ids_are_unique_and_nothing_lies_ahead_of_the_end() -> None:
    facts = [fact for one in told() for fact in one.facts]
    assert len({fact.message["messageId"] for fact in facts}) == len(facts)
    assert all(fact.at <= UNTIL for fact in facts)
    events = [fact for fact in facts if fact.message["type"] != "identify"]
    assert min(fact.at for fact in events) >= UNTIL - timedelta(days=DAYS + 1)


def test_orders_add_up() -> None:
    totals: dict[str, float] = {}
    for one in told():
        for fact in one.facts:
            properties = fact.message.get("properties", {})
            if fact.message.get("event") == "Order Completed":
                lines = sum(product["price"] * product["quantity"] for product in properties["products"])
                assert properties["subtotal"] == pytest.approx(lines)
                assert properties["revenue"] == pytest.approx(properties["subtotal"] - properties["discount"])
                assert properties["total"] == pytest.approx(properties["revenue"] + properties["shipping"])
                assert properties["order_id"] not in totals
                totals[properties["order_id"]] = properties["total"]
            elif fact.message.get("event") in ("Order Refunded", "Order Cancelled"):
                assert 0 < properties["total"] <= totals[properties["order_id"]]
    assert len(totals) > 500


def test_nobody_real_can_be_reached() -> None:
    kept = tuple(prefix for country in COUNTRIES for prefix in country.phone_prefixes)
    people = make_people(1500, seed=3, until=UNTIL)
    for person in people:
        assert person.email.endswith(".example")
        assert not person.phone or person.phone.startswith(kept)
    shared = [n for n in Counter(person.phone for person in people if person.phone).values() if n > 3]
    assert not shared, "numbers are shared within households only"


def test_every_record_belongs_to_one_person_or_to_a_household() -> None:
    owners: dict[tuple[str, str], set[int]] = {}
    for one in told():
        assert {(fact.source, _key(fact.message)) for fact in one.facts} == {
            (record["source"], record["key"]) for record in one.truth["records"]
        }
        for record in one.truth["records"]:
            owners.setdefault((record["source"], record["key"]), set()).add(one.person.household.number)
    assert all(len(households) == 1 for households in owners.values())


def _key(message: dict[str, str]) -> str:
    return f"user:{message['userId']}" if "userId" in message else f"anon:{message['anonymousId']}"


def test_the_catalogue() -> None:
    products = make_catalogue(1).products
    assert len({product.id for product in products}) == len(products) == 312
    assert all(2 < product.price < 1000 for product in products)


@pytest.mark.parametrize(("year", "day"), [(2024, 29), (2025, 28), (2026, 27), (2030, 29)])
def test_black_friday(year: int, day: int) -> None:
    assert black_friday(year) == datetime(year, 11, day, tzinfo=UTC).date()


def test_a_year_is_as_busy_as_its_mean() -> None:
    first = datetime(2025, 1, 1, tzinfo=UTC).date()
    assert sum(busyness(first + timedelta(days=index)) for index in range(365)) == pytest.approx(365, rel=0.05)


def test_typing_errors_change_little() -> None:
    person = make_people(1, seed=5, until=UNTIL)[0]
    rng = Random(1)
    for _ in range(200):
        slip = typo("Schneider", rng)
        assert slip != "Schneider" and abs(len(slip) - 9) <= 1
        wrong = email_with_typo(person.email, rng)
        assert wrong != person.email and wrong.endswith(".example")
        assert "".join(filter(str.isdigit, phone("+493023125007", "DE", rng))).endswith("3023125007")
