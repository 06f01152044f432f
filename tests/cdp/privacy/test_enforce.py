"""What enforcement decides and leaves; and that consent does not depend on the order of arrival."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.db import connection

from cdp.privacy.consent import Word, current, of_profiles, record_consents
from cdp.privacy.enforce import Said, decide, enforce
from cdp.privacy.models import Consent, Purpose, Suppression
from cdp.privacy.policy import Policy, load
from cdp.privacy.strip import clean
from cdp.privacy.suppression import suppress, suppressed
from cdp.profiles.models import Identifier

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass
class Arrived:
    source_id: int = 1
    user_id: str = "u1"
    anonymous_id: str = "a1"
    occurred_at: datetime = AT
    traits: dict[str, Any] = field(default_factory=dict)
    context: dict[str, Any] = field(default_factory=dict)
    meta: dict[str, Any] = field(default_factory=dict)


POLICY = Policy(
    when_denied={"stats": "accept", "ads": "strip", "all": "refuse"},
    names={"stats": "stats", "ads": "ads", "all": "all"},
    gpc_denies=frozenset({"ads"}),
)


@pytest.mark.parametrize(
    ("said", "gpc", "before", "action", "reason"),
    [
        ({}, False, [], "accept", ""),
        ({"ads": True, "all": True}, False, [], "accept", ""),
        ({"stats": False}, False, [], "accept", ""),
        ({"ads": False}, False, [], "strip", "“ads” is denied by the event's consent"),
        ({"ads": False, "all": False}, False, [], "refuse", "“all”"),
        ({"unknown": False}, False, [], "accept", ""),
        ({}, True, [], "strip", "by Global Privacy Control"),
        ({"ads": True}, True, [], "strip", "by Global Privacy Control"),
        ({}, False, ["ads"], "strip", "by their earlier choice"),
        ({"ads": True}, False, ["ads"], "accept", ""),
        ({"ads": True}, False, ["ads", "all"], "refuse", "by their earlier choice"),
    ],
)
def test_the_strictest_denial_decides(
    said: dict[str, bool], gpc: bool, before: list[str], action: str, reason: str
) -> None:
    verdict = decide(POLICY, Said(said, {}), gpc=gpc, before=before)
    assert verdict.action == action
    assert reason in verdict.reason


@pytest.mark.parametrize(
    ("value", "left"),
    [
        ({"price": 3, "Email": "a@b.org", "first_name": "Ada"}, {"price": 3}),
        ({"name": "Lamp", "note": "ask ada@b.org or a%40b.org"}, {"name": "Lamp", "note": "ask … or …"}),
        ({"url": "https://u:p@shop.test/a?email=ada@b.org#x"}, {"url": "https://shop.test/a"}),
        ({"products": [{"sku": "1", "userId": 7}]}, {"products": [{"sku": "1"}]}),
    ],
)
def test_what_a_stripped_property_keeps(value: Any, left: Any) -> None:
    assert clean(value) == left


@pytest.fixture
def ads() -> Purpose:
    Purpose.objects.all().delete()
    return Purpose.objects.create(key="ads", name="Ads", when_denied="strip", is_denied_by_gpc=True)


def run(*messages: Arrived) -> list[str]:
    with connection.cursor() as cursor:
        return [str(one.action) for one in enforce(cursor, messages, policy=load(cursor), now=AT)]


@pytest.mark.django_db
def test_rudderstacks_consent_and_the_signal_are_recorded_for_every_identifier(ads: Purpose) -> None:
    managed = {"consentManagement": {"deniedConsentIds": ["ads", "other"], "allowedConsentIds": {"x": "X"}}}
    run(Arrived(context=managed, traits={"email": " Ada@B.org"}))
    run(Arrived(user_id="u2", anonymous_id="", meta={"gpc": True}))
    assert set(Consent.objects.values_list("namespace", "value", "is_granted", "how")) == {
        ("user_id", "u1", False, "tracking"),
        ("anonymous_id", "a1", False, "tracking"),
        ("email", "ada@b.org", False, "tracking"),
        ("user_id", "u2", False, "gpc"),
    }


@pytest.mark.django_db
def test_a_denial_holds_for_later_events_until_taken_back(ads: Purpose) -> None:
    no = {"consent": {"categoryPreferences": {"ads": False}}}
    yes = {"consent": {"categoryPreferences": {"ads": True}}}
    after = AT + timedelta(hours=1)
    assert run(Arrived(context=no)) == ["strip"]
    assert run(Arrived()) == ["strip"]
    assert run(Arrived(context=yes, occurred_at=after)) == ["accept"]
    assert run(Arrived()) == ["accept"]


@pytest.mark.django_db
def test_a_shop_without_rules_pays_two_small_queries_and_no_look_ups(django_assert_num_queries: Any) -> None:
    messages = [Arrived(user_id=str(n)) for n in range(50)]
    with django_assert_num_queries(2):
        run(*messages)


def word(value: str, hour: int, *, is_granted: bool) -> Word:
    return Word("email", value, "ads", "", is_granted, AT + timedelta(hours=hour), 1, "test")


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(20))
def test_the_newest_word_counts_in_any_order_of_arrival(seed: int) -> None:
    random = Random(seed)
    words = [word(random.choice("ab"), random.randint(0, 5), is_granted=random.random() < 0.5) for _ in range(9)]
    expected = {
        value: min((-w.at.timestamp(), w.is_granted) for w in words if w.value == value)[1]
        for value in {w.value for w in words}
    }
    with connection.cursor() as cursor:
        while words:
            batch = [words.pop() for _ in range(min(len(words), random.randint(1, 3)))]
            record_consents(cursor, batch, now=AT)
            record_consents(cursor, batch, now=AT)
    assert current("email", ["a", "b"], purpose="ads") == expected


@pytest.mark.django_db
def test_repeating_a_word_adds_no_rows() -> None:
    with connection.cursor() as cursor:
        for hour in range(5):
            record_consents(cursor, [word("a", hour, is_granted=True)], now=AT)
    assert Consent.objects.count() == 1


@pytest.mark.django_db
def test_of_a_persons_addresses_the_strictest_counts() -> None:
    for profile, value in ((1, "a"), (1, "b"), (2, "b"), (3, "silent")):
        Identifier.objects.create(
            namespace="email", value=value, record_id=profile, profile_id=profile, first_seen_at=AT
        )
    with connection.cursor() as cursor:
        record_consents(cursor, [word("a", 1, is_granted=False), word("b", 1, is_granted=True)], now=AT)
    assert of_profiles([1, 2, 3], purpose="ads") == {1: False, 2: True}


@pytest.mark.django_db
def test_suppression_is_by_normal_form_and_counts_once() -> None:
    reason = Suppression.Reason.MANUAL
    assert suppress([("email", "Ada@B.org "), ("email", "ada@b.org"), ("email", "x")], reason=reason, now=AT) == [
        ("email", "ada@b.org")
    ]
    assert suppress([("email", "ada@b.org")], reason=reason, now=AT) == []
    assert suppressed("email", ["ada@b.org", "bob@b.org"]) == {"ada@b.org"}
