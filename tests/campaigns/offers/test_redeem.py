"""Redemptions are what the orders say now: in any order of events, replayed, refunded, merged and parted again."""

from datetime import timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from campaigns.models import Offer, OfferCode, OfferRedemption
from campaigns.offers.give import Asked, Given, give
from campaigns.offers.orders import codes_in
from campaigns.offers.redeem import read_again, read_orders
from cdp.events.models import Event
from cdp.pipeline import drain
from cdp.profiles.models import Profile, Record
from cdp.rules.tree import UTC
from identity.by_hand import merge_profiles, unmerge
from tests.campaigns.offers.making import an_offer, with_codes
from tests.taking_in import NOW, ago, identify, rows, take_in, track

pytestmark = pytest.mark.django_db
EARLIER = ago(days=20)


def an_old_offer(key: str = "spring", **fields: Any) -> Offer:
    return an_offer(key, **{"codes": "generated", "created_at": EARLIER} | fields)


def order(user: str, order_id: str, *, at: Any = NOW, name: str = "Completed", **properties: Any) -> dict[str, Any]:
    total = {"total": 100} if name in ("Completed", "Updated") else {}
    return track(user, f"Order {name}", at=at, properties={"order_id": order_id, **total, **properties})


def read() -> None:
    while read_orders(now=NOW):
        pass


def person(name: str) -> Profile:
    take_in([identify(name, traits={"email": f"{name}@x.org"})])
    return Profile.objects.get(pk=Record.objects.get(key=f"user:{name}").profile_id)


def given_to(profile: Profile, offer: str = "spring") -> str:
    record = Record.objects.filter(profile_id=profile.pk).first()
    asked = [Asked(uuid4(), profile.pk, record.pk if record else None, offer)]
    (answer,) = give(asked, now=ago(days=5), zone=UTC).values()
    assert isinstance(answer, Given)
    return answer.code


def clear(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"delete from events_{table}")


def found() -> list[tuple[str, Decimal, Decimal | None, bool]]:
    kept = OfferRedemption.objects.order_by("order_id", "code")
    return [(one.order_id, one.value, one.discount, one.is_taken_back) for one in kept]


def whose() -> list[tuple[int, int | None]]:
    """Who ordered, and whom the code was given to."""
    return list(OfferRedemption.objects.values_list("profile_id", "given__profile_id"))


@pytest.mark.parametrize(
    ("properties", "codes"),
    [
        ({"coupon": " ab-1 "}, ("AB-1",)),
        ({"coupon": "a, b"}, ("A", "B")),
        ({"discount_code": "A", "coupon": "a"}, ("A",)),
        ({"coupons": ["a", {"code": "b"}, 7, None, ["c"]]}, ("A", "B", "7")),
        ({"discount_codes": [{"code": "x", "amount": "5"}]}, ("X",)),
        ({"products": [{"coupon": "p"}, "odd", {"price": 1}]}, ("P",)),
        ({"coupon": None}, ()),
        ({"coupon": {"code": ["deep"]}}, ()),
        ({"coupon": "x" * 61}, ()),
        ({"total": 7}, None),
    ],
)
def test_where_an_order_names_codes(properties: dict[str, Any], codes: tuple[str, ...] | None) -> None:
    assert codes_in(properties) == codes


def test_an_order_with_a_code_redeems_it_once() -> None:
    an_old_offer()
    ann = person("ann")
    code = given_to(ann)
    message = order("ann", "7", coupon=f" {code.lower()}", discount=12.5)
    take_in([message, order("ann", "8", coupon="SOMETHING-ELSE"), order("ann", "9")])
    read()
    take_in([message])
    read()
    assert found() == [("7", Decimal(100), Decimal("12.50"), False)]
    assert whose() == [(ann.pk, ann.pk)]


def test_whatever_the_order_of_events() -> None:
    an_old_offer()
    code = given_to(person("ann"))
    events = [
        order("ann", "7", at=ago(days=3), coupon="WRONG", discount=1),
        order("ann", "7", at=ago(days=2), name="Updated", total=80, coupon=code, discount=20),
        order("ann", "7", at=ago(days=1), name="Refunded", total=30),
    ]
    seen = set()
    for arrival in permutations(events):
        OfferRedemption.objects.all().delete()
        for one in arrival:
            take_in([{**one, "messageId": str(uuid4()), "userId": "ann"}])
            read()
        seen.add(tuple(found()))
        for table in ("event", "orderreport", "order"):
            clear(table)
    assert seen == {(("7", Decimal(50), Decimal(20), False),)}


@pytest.mark.parametrize("back", [{"name": "Cancelled"}, {"name": "Refunded"}])
def test_what_is_cancelled_or_wholly_refunded_is_taken_back(back: dict[str, str]) -> None:
    an_old_offer()
    code = given_to(person("ann"))
    take_in([order("ann", "7", at=ago(days=1), coupon=code, discount=10)])
    read()
    take_in([order("ann", "7", **back)])
    read()
    assert found() == [("7", Decimal(0), Decimal(10), True)]


def test_a_code_that_was_passed_on_counts_for_the_offer() -> None:
    an_old_offer()
    ann, bob = person("ann"), person("bob")
    code = given_to(ann)
    take_in([order("bob", "7", coupon=code)])
    read()
    assert whose() == [(bob.pk, ann.pk)]


def test_a_code_for_everybody_is_matched_with_the_buyers_own_mail() -> None:
    an_old_offer(codes="shared", shared_code="Spring")
    ann = person("ann")
    given_to(ann)
    take_in([order("ann", "7", coupon="SPRING"), order("ann", "6", at=ago(days=9), coupon="spring")])
    take_in([order("bob", "8", coupon="spring")])
    read()
    mail = OfferCode.objects.get().pk
    given = OfferRedemption.objects.order_by("order_id").values_list("order_id", "given_id")
    assert list(given) == [("6", None), ("7", mail), ("8", None)]


def test_two_codes_share_what_was_taken_off() -> None:
    an_old_offer(codes="shared", shared_code="ONE")
    an_old_offer("two", codes="shared", shared_code="TWO")
    take_in([order("ann", "7", coupons=["one", "two"], discount=9.99)])
    read()
    assert sorted(discount or 0 for _, _, discount, _ in found()) == [Decimal("4.99"), Decimal("5.00")]


def test_orders_before_the_offer_do_not_count_and_those_since_are_found_later() -> None:
    take_in([order("ann", "7", at=ago(days=9), coupon="SPRING"), order("ann", "8", at=ago(days=30), coupon="SPRING")])
    read()
    offer = an_old_offer(codes="shared", shared_code="SPRING")
    read()
    assert found() == []
    read_again(offer, now=NOW)
    read()
    assert [order_id for order_id, *_ in found()] == ["7"]


def test_a_listed_code_that_somebody_used_is_given_to_nobody() -> None:
    with_codes(an_old_offer(codes="uploaded"), "LEAKED", "FRESH")
    take_in([order("ann", "7", coupon="leaked")])
    read()
    assert given_to(person("bob")) == "FRESH"


def test_merged_and_parted_again() -> None:
    an_old_offer()
    ann = person("ann")
    code = given_to(ann)
    take_in([{**order("", "7", coupon=code, discount=5), "anonymousId": "bob"}])
    bob = Profile.objects.exclude(pk=ann.pk).get()
    read()
    before = rows("select profile_id, order_id, code, offer_id, given_id, discount from campaigns_offerredemption")
    codes = rows("select * from campaigns_offercode order by id")
    merge = merge_profiles([ann.pk, bob.pk], by="Stew", now=NOW).merge_ids[0]
    read()
    ((buyer, owner),) = whose()
    assert buyer == owner
    unmerge(merge, by="Stew", now=NOW)
    read()
    assert (
        rows("select profile_id, order_id, code, offer_id, given_id, discount from campaigns_offerredemption") == before
    )
    assert rows("select * from campaigns_offercode order by id") == codes


def test_a_used_code_is_told_as_an_event_once_and_makes_no_other() -> None:
    an_old_offer()
    code = given_to(person("ann"))
    take_in([order("ann", "7", coupon=code, discount=5), order("ann", "5", at=ago(days=3), coupon="X")])
    for _ in range(3):
        read()
        drain("live", now=NOW + timedelta(seconds=1))
    (told,) = Event.objects.filter(name="Offer Redeemed")
    assert told.properties == {
        "offer": "spring",
        "offer_name": "spring",
        "code": code,
        "order_id": "7",
        "discount": 5.0,
    }
    assert told.profile_id == OfferRedemption.objects.get().profile_id
