"""Many workers at once, each with a connection of its own."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection

from campaigns.models import Offer, OfferCode
from campaigns.offers.give import Answers, Asked, Given, give
from cdp.rules.tree import UTC
from tests.campaigns.offers.making import an_offer, with_codes
from tests.taking_in import NOW

pytestmark = pytest.mark.django_db(transaction=True)
WORKERS = 6


def all_at_once(work: Callable[[int], Answers]) -> list[Answers]:
    barrier = Barrier(WORKERS)

    def one(n: int) -> Answers:
        try:
            barrier.wait(timeout=20)
            return work(n)
        finally:
            connection.close()

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(one, range(WORKERS)))


def deliveries(n: int, *offers: str) -> list[Asked]:
    return [Asked(uuid4(), i % 40, None, key) for i in range(n) for key in offers]


def codes(answers: Sequence[Answers]) -> list[str]:
    return [one.code for found in answers for one in found.values() if isinstance(one, Given)]


@pytest.mark.parametrize("kind", ["uploaded", "generated"])
def test_no_code_is_given_twice_and_no_budget_overdrawn(kind: str) -> None:
    offer = an_offer(codes=kind, most_given=250)
    with_codes(offer, *(f"C{n}" for n in range(300 if kind == "uploaded" else 0)))
    given = codes(all_at_once(lambda n: give(deliveries(50, "spring"), now=NOW, zone=UTC)))
    assert len(given) == len(set(given)) == 250
    assert Offer.objects.get().n_given == 250 == OfferCode.objects.exclude(delivery=None).count()


def test_the_same_deliveries_get_the_same_codes_whoever_asks() -> None:
    for key in ("b", "a"):
        with_codes(an_offer(key, codes="uploaded"), *(f"{key}{n}" for n in range(100)))
    asked = deliveries(60, "a", "b")
    turns = [asked, asked[::-1]]
    answers = all_at_once(lambda n: give(turns[n % 2], now=NOW + timedelta(seconds=n), zone=UTC))
    assert all(found == answers[0] for found in answers)
    assert len(set(codes(answers[:1]))) == 120
    assert sum(Offer.objects.values_list("n_given", flat=True)) == 120


def test_a_person_gets_no_more_than_one_may_have_however_many_workers_ask() -> None:
    an_offer(codes="generated", most_per_person=1)
    given = codes(all_at_once(lambda n: give(deliveries(40, "spring"), now=NOW, zone=UTC)))
    assert len(given) == 40
