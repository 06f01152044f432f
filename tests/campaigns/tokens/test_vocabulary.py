"""What is known of people: names, types, shares, from all of a few people and from a sample of many."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.content import sampled
from campaigns.content.vocabulary import Kind, Resolved, Unknown, Vocabulary
from cdp.profiles.models import Profile
from segments.models import Segment
from tests.scoring.scores.made import a_predictor
from tests.taking_in import NOW

pytestmark = pytest.mark.django_db


def people(*traits: dict[str, Any]) -> None:
    at = {"first_seen_at": NOW, "last_seen_at": NOW, "created_at": NOW}
    Profile.objects.bulk_create(Profile(traits=one, **at) for one in traits)


def resolved(name: str, vocabulary: Vocabulary | None = None) -> Resolved:
    found = (vocabulary or Vocabulary.now()).resolve(tuple(name.split(".")))
    assert isinstance(found, Resolved), found
    return found


def test_traits_have_types_and_shares() -> None:
    people(
        {
            "n": 3,
            "day": "2026-01-02",
            "at": "2026-01-02T10:00:00Z",
            "is": True,
            "list": [1],
            "of": {"a": "b"},
            "no": "",
        },
        {"n": 4.5, "day": None, "word": "2026 was good", "no": ""},
    )
    types = {name: resolved(name).type for name in ("n", "day", "at", "is", "list", "of", "of.a", "no", "word")}
    assert types == {
        "n": "number", "day": "date", "at": "date", "is": "boolean", "list": "list", "of": "object", "of.a": "text",
        "no": "text", "word": "text",
    }  # fmt: skip
    assert (resolved("n").can_be_empty, resolved("n").empty_share) == (False, 0)
    assert (resolved("day").can_be_empty, resolved("day").empty_share) == (True, 0.5)
    assert resolved("no").empty_share == 1


def test_the_exact_name_counts_before_one_that_is_like_it() -> None:
    people({"first_name": "a", "firstName": "b", "first name": "c"}, {"firstName": "b"})
    vocabulary = Vocabulary.now()
    assert resolved("first_name", vocabulary).key == ("first_name",)
    assert resolved("FirstName", vocabulary).key == ("firstName",)  # most people have this one
    assert resolved("profile.first_name", vocabulary).key == ("first_name",)


def test_names_that_mean_something_else_are_reached_by_profile() -> None:
    people({"cart": "x", "Orders": "y"})
    vocabulary = Vocabulary.now()
    assert resolved("cart", vocabulary).kind is Kind.CART
    assert resolved("profile.cart", vocabulary).kind is Kind.TRAIT
    assert resolved("orders", vocabulary).kind is Kind.TRAIT


def test_what_is_archived_is_said_to_be() -> None:
    a_predictor(name="Buys soon", archived_at=NOW)
    Segment.objects.create(name="Gone", rule={}, created_at=NOW, changed_at=NOW, archived_at=NOW)
    vocabulary = Vocabulary.now()
    assert vocabulary.resolve(("scores", "buys_soon", "value")) == Unknown("the predictor “Buys soon” is archived")
    assert vocabulary.segment("gone") == Unknown("the segment “Gone” is archived")


def test_what_hardly_anybody_has_is_known_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampled, "MOST", 50)
    people(*({"city": "Rome"} if n % 2 else {} for n in range(200)))
    looked_at = [pk for pk, _ in sampled._people()[0]]
    outside = Profile.objects.exclude(pk__in=looked_at).order_by("pk")[0]
    Profile.objects.filter(pk=outside.pk).update(traits={"shoeSize": 44})
    vocabulary = Vocabulary.now()
    assert (vocabulary.sample.people, vocabulary.sample.is_everybody) == (len(looked_at), False)
    assert 0.3 < (resolved("city", vocabulary).empty_share or 0) < 0.7
    shoe_size = resolved("shoe_size", vocabulary)
    assert (shoe_size.key, shoe_size.type) == (("shoeSize",), "number")
    assert 0.99 < (shoe_size.empty_share or 0) < 1
    with CaptureQueriesContext(connection) as queries:
        for _ in range(3):
            assert isinstance(vocabulary.resolve(("shoe_sise",)), Unknown)
    assert len(queries) == 1


def test_somebody_who_types_does_not_wait_for_a_new_sample_each_time() -> None:
    sampled.forget()
    people({"city": "Rome"})
    assert resolved("city", Vocabulary.lately()).empty_share == 0
    people({})
    Segment.objects.create(name="Fresh", rule={}, created_at=NOW, changed_at=NOW + timedelta(days=1))
    assert resolved("city", Vocabulary.lately()).empty_share == 0
    assert not isinstance(Vocabulary.lately().segment("Fresh"), Unknown)
    assert resolved("city").empty_share == 0.5


def test_a_business_without_people_has_names_of_its_own() -> None:
    vocabulary = Vocabulary.now()
    assert resolved("last_purchase.date", vocabulary).empty_share == 1
    assert isinstance(vocabulary.resolve(("first_name",)), Unknown)
