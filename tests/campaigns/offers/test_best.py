"""The offer that suits a person best: by what was seen, drawn to the whole, with a share that explores."""

import random
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.urls import reverse

from campaigns.models import Offer, OfferCode, OfferRedemption
from campaigns.offers import best
from campaigns.offers.best import Seen, Standing, ranked, standings
from campaigns.offers.gates import NONE_SUITS
from campaigns.offers.give import Asked, Given, Refused, give, rehearse
from cdp.common.clock import utc_now
from cdp.rules.tree import UTC
from tests.campaigns.offers.making import an_offer
from tests.cast import Cast
from tests.taking_in import NOW

pytestmark = pytest.mark.django_db


def seen(offer: Offer, group: str, *, given: int, used: int) -> None:
    at = NOW - timedelta(days=10)
    rows = OfferCode.objects.bulk_create(
        OfferCode(offer=offer, is_own=False, delivery=uuid4(), profile_id=n, given_at=at, rfm=group)
        for n in range(given)
    )
    OfferRedemption.objects.bulk_create(
        OfferRedemption(offer=offer, given=row, code="X", profile_id=row.profile_id or 0, order_id=str(row.pk),
                        at=at, value=100)
        for row in rows[:used]
    )  # fmt: skip


def picked(n: int = 200, *, profile_id: int = 10**6) -> list[str]:
    answers = rehearse([Asked(UUID(int=i), profile_id, None, "best") for i in range(n)], now=NOW, zone=UTC)
    return [one.terms.key for one in answers.values() if isinstance(one, Given)]


def test_few_uses_decide_nothing_and_many_do() -> None:
    stand = Standing(worth=1, prior=0.1, groups={"5-5": Seen(3, 3), "1-1": Seen(3000, 30)})
    assert 0.01 < stand.rate("1-1") < 0.011
    assert stand.rate("5-5") < 0.13
    assert stand.rate("unseen") == pytest.approx(stand.whole.rate(0.1))


def test_most_people_get_what_is_worth_most_and_some_explore() -> None:
    good, poor = (an_offer(key, is_for_best=True) for key in ("good", "poor"))
    seen(good, "", given=400, used=80)
    seen(poor, "", given=2, used=0)
    keys = picked()
    assert 0 < keys.count("poor") < 40
    assert keys == picked()


def test_a_group_of_its_own_mind_gets_another_offer() -> None:
    one, other = (an_offer(key, is_for_best=True) for key in ("one", "other"))
    for offer, loves in ((one, "5-5"), (other, "1-1")):
        for group in ("5-5", "1-1"):
            seen(offer, group, given=300, used=90 if group == loves else 3)
    stand = standings([one, other], now=NOW)
    refs = [UUID(int=i) for i in range(50) if random.Random(i).random() >= best.EXPLORED]
    assert {ranked([one, other], stand, group="5-5", ref=ref)[0] for ref in refs} == {one}
    assert {ranked([one, other], stand, group="1-1", ref=ref)[0] for ref in refs} == {other}


def test_who_was_given_it_just_now_does_not_count_against_it() -> None:
    offer = an_offer(is_for_best=True)
    seen(offer, "", given=50, used=10)
    OfferCode.objects.bulk_create(
        OfferCode(offer=offer, is_own=False, delivery=uuid4(), profile_id=1, given_at=NOW) for _ in range(500)
    )
    assert standings([offer], now=NOW)[offer.pk].whole == Seen(50, 10)


def test_the_next_best_where_the_best_cannot_be_had_and_the_same_again() -> None:
    seen(an_offer("good", codes="generated", most_given=3, is_for_best=True), "", given=400, used=200)
    an_offer("next", codes="generated", is_for_best=True, most_per_person=1)
    an_offer("apart", codes="generated")
    asked = [Asked(UUID(int=i), 77, None, "best") for i in range(6)]
    answers = give(asked, now=NOW, zone=UTC)
    given = [one.terms.key for one in answers.values() if isinstance(one, Given)]
    assert sorted(given) == ["good"] * 3 + ["next"]
    assert [one.why for one in answers.values() if isinstance(one, Refused)] == [NONE_SUITS] * 2
    assert OfferCode.objects.filter(is_best=True).count() == 4
    Offer.objects.update(is_for_best=False)
    again = give(asked, now=NOW, zone=UTC)
    assert {ref: one for ref, one in again.items() if isinstance(one, Given)} == {
        ref: one for ref, one in answers.items() if isinstance(one, Given)
    }


def test_no_offer_to_pick_from() -> None:
    an_offer()
    (answer,) = give([Asked(uuid4(), 1, None, "best")], now=NOW, zone=UTC).values()
    assert answer == Refused(NONE_SUITS)


def test_the_page_says_what_it_rests_on(cast: Cast) -> None:
    offer = an_offer(is_for_best=True)
    Offer.objects.update(created_at=utc_now())
    seen(offer, "5-4", given=40, used=10)
    OfferCode.objects.update(given_at=utc_now() - timedelta(days=10))
    OfferRedemption.objects.update(at=utc_now() - timedelta(days=9))
    page = cast.client("vic").get(reverse("campaigns:best_offers")).content.decode()
    assert "recency 5, frequency 4" in page and "10 of 40" in page
