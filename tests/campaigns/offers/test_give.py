"""Giving: once per delivery, no code twice, no budget overdrawn, and a reason in words for who gets nothing."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Offer, OfferCode, OfferRedemption
from campaigns.offers import codes
from campaigns.offers.gates import ALL_GIVEN, ALL_SPENT, HAS_IT, NO_CODE, NOT_MEANT, UNKNOWN
from campaigns.offers.give import Answers, Asked, Given, Refused, give, rehearse
from cdp.profiles.models import Profile
from cdp.rules.tree import UTC
from tests.campaigns.offers.making import an_offer, with_codes
from tests.cdp.rules.test_rules import VIEW, event
from tests.taking_in import NOW, identify, take_in, track

pytestmark = pytest.mark.django_db


def ask(n: int = 1, *, offer: str = "spring", person: int | None = None) -> list[Asked]:
    return [Asked(uuid4(), person or 1000 + i, 2000 + i, offer) for i in range(n)]


def hand(asked: list[Asked]) -> Answers:
    return give(asked, now=NOW, zone=UTC)


def codes_of(answers: Answers) -> dict[UUID, str]:
    return {ref: one.code for (ref, _), one in answers.items() if isinstance(one, Given)}


def reasons(answers: Answers) -> Counter[str]:
    return Counter(one.why for one in answers.values() if isinstance(one, Refused))


def test_each_delivery_has_a_code_of_its_own_and_keeps_it() -> None:
    an_offer(codes="generated", code_prefix="HI-", code_length=8)
    asked = ask(50)
    first = codes_of(hand(asked))
    assert len(set(first.values())) == 50
    assert all(len(code) == 11 and set(code[3:]) <= set(codes.ALPHABET) for code in first.values())
    assert codes_of(hand(asked + ask(2))).items() >= first.items()
    assert OfferCode.objects.count() == Offer.objects.get().n_given == 52


def test_codes_of_a_list_are_given_in_its_order_until_none_is_left() -> None:
    with_codes(an_offer(codes="uploaded"), "A", "B", "C")
    asked = ask(5)
    answers = hand(asked)
    assert list(codes_of(answers).values()) == ["A", "B", "C"]
    assert reasons(answers) == {NO_CODE: 2}
    assert Offer.objects.get().n_given == 3
    given = OfferCode.objects.get(code="B")
    assert (given.delivery, given.profile_id, given.record_id) == (asked[1].ref, 1001, 2001)
    with_codes(Offer.objects.get(), "D")
    assert list(codes_of(hand(asked)).values()) == ["A", "B", "C", "D"]


@pytest.mark.parametrize(("kind", "code"), [("shared", "SPRING"), ("none", "")])
def test_an_offer_for_everybody_is_counted_per_delivery(kind: str, code: str) -> None:
    an_offer(codes=kind, shared_code=code, most_given=3)
    answers = hand(ask(5))
    assert list(codes_of(answers).values()) == [code] * 3
    assert reasons(answers) == {ALL_GIVEN: 2}
    assert reasons(hand(ask(1))) == {ALL_GIVEN: 1}


def test_a_retry_gets_the_same_after_the_offer_is_over() -> None:
    offer = an_offer(codes="generated", most_given=1)
    asked = ask()
    code = codes_of(hand(asked))
    Offer.objects.filter(pk=offer.pk).update(ends_at=NOW, archived_at=NOW)
    assert codes_of(hand(asked)) == code


def test_as_often_as_a_person_may_have_it() -> None:
    an_offer(codes="generated", most_per_person=2)
    answers = hand(ask(3, person=7))
    assert len(codes_of(answers)) == 2
    assert reasons(answers) == {HAS_IT: 1}
    assert reasons(hand(ask(1, person=7))) == {HAS_IT: 1}
    assert len(codes_of(hand(ask(1, person=8)))) == 1


def test_when_orders_took_off_as_much_as_they_may() -> None:
    offer = an_offer(most_spent=Decimal(100))
    spend(offer, "1", Decimal("60"))
    spend(offer, "2", Decimal("60"), is_taken_back=True)
    assert len(codes_of(hand(ask()))) == 1
    spend(offer, "3", Decimal("40"))
    assert reasons(hand(ask())) == {ALL_SPENT: 1}


def spend(offer: Offer, order_id: str, discount: Decimal, **more: bool) -> None:
    OfferRedemption.objects.create(
        offer=offer, code="X", profile_id=1, order_id=order_id, at=NOW, value=1, discount=discount, **more
    )


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"archived_at": NOW}, "The offer is archived."),
        ({"starts_at": NOW + timedelta(days=2)}, "It begins on 3 March 2026."),
        ({"ends_at": NOW}, "It ended on 1 March 2026."),
        ({"ends_at": NOW.replace(hour=0)}, "It ended on 28 February 2026."),
    ],
)
def test_only_while_it_lasts(fields: dict[str, Any], why: str) -> None:
    an_offer(**fields)
    assert reasons(hand(ask())) == {why: 1}


def test_no_such_offer() -> None:
    assert reasons(hand(ask(offer="gone"))) == {UNKNOWN: 1}


def test_only_those_for_whom_the_rule_holds() -> None:
    take_in([identify("ann"), track("ann", VIEW), identify("bob")])
    ann, bob = Profile.objects.order_by("id")
    an_offer(rule={"version": 1, "root": event(VIEW)})
    asked = [*ask(person=ann.pk), *ask(person=bob.pk)]
    answers = hand(asked)
    assert set(codes_of(answers)) == {asked[0].ref}
    assert reasons(answers) == {NOT_MEANT: 1}


def test_a_code_of_ones_own_ends_when_the_offer_does_or_sooner() -> None:
    an_offer(codes="generated", days_valid=10, ends_at=NOW + timedelta(days=5))
    an_offer("short", codes="generated", days_valid=3, ends_at=NOW + timedelta(days=5))
    ends = [hand(ask(offer=key)).popitem()[1] for key in ("spring", "short")]
    assert [one.as_context()["ends_on"].day for one in ends if isinstance(one, Given)] == [6, 4]


def test_a_rehearsal_answers_alike_and_writes_nothing() -> None:
    with_codes(an_offer(codes="uploaded", most_per_person=1, most_given=3), "A", "B")
    asked = [*ask(2, person=1), *ask(1, person=2), *ask(1, person=3)]
    said = rehearse(asked, now=NOW, zone=UTC)
    assert reasons(said) == {HAS_IT: 1, NO_CODE: 1}
    assert set(codes_of(said).values()) == {"EXAMPLEE"}
    assert not OfferCode.objects.exclude(delivery=None).exists()
    given = hand(asked)
    assert {key: type(one) for key, one in given.items()} == {key: type(one) for key, one in said.items()}
    assert codes_of(rehearse(asked, now=NOW, zone=UTC)) == codes_of(given)


def test_a_rehearsal_in_parts_counts_on() -> None:
    an_offer(codes="generated", code_prefix="P", most_given=3)
    taken: Counter[str] = Counter()
    parts = [rehearse(ask(2), now=NOW, zone=UTC, taken=taken) for _ in range(2)]
    assert [len(codes_of(part)) for part in parts] == [2, 1]
    assert taken == {"spring": 3}


def test_codes_that_were_made_before_are_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    an_offer("old", codes="generated")
    an_offer(codes="generated")
    (old,) = codes_of(hand(ask(offer="old"))).values()
    made = iter([[old.lower(), "NEW2"], ["NEW3"]])
    monkeypatch.setattr(codes, "fresh", lambda n, **_: next(made)[:n])
    assert sorted(codes_of(hand(ask(2))).values()) == ["NEW2", "NEW3"]


def test_thousands_in_few_statements() -> None:
    an_offer(codes="generated", most_per_person=1, most_given=5000, most_spent=Decimal(10))
    with_codes(an_offer("list", codes="uploaded"), *(f"L{n}" for n in range(1000)))
    asked = ask(1000) + ask(1000, offer="list")
    with CaptureQueriesContext(
        connection,
    ) as few:
        answers = hand(asked)
    assert len(codes_of(answers)) == 2000
    assert len(few) <= 12
