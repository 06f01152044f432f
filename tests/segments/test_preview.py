"""What stands beside a rule while it is made, over HTTP."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from cdp.common.clock import utc_now
from cdp.privacy.consent import Word, record_consents
from cdp.privacy.suppression import Reason, suppress
from cdp.profiles.models import Profile
from cdp.rules.parse import parse
from segments.gallery import gallery, names
from segments.reach import reach
from segments.seen_values import placed_leaves
from tests.cast import the_cast
from tests.cdp.rules.test_rules import BUY, VIEW, event, no, rule, trait
from tests.taking_in import NOW, identify, take_in, track

pytestmark = pytest.mark.django_db


@pytest.fixture
def mara() -> Client:
    take_in(
        [
            identify("ann", traits={"email": "ann@shop.example", "firstName": "Ann"}),
            identify("bob", traits={"email": "bob@shop.example"}),
            track("ann", VIEW, at=utc_now(), properties={"color": "<red>"}),
            track("ann", VIEW, at=utc_now()),
            track("bob", BUY, properties={"order_id": "1", "total": 10}),
        ]
    )
    return the_cast().client("mara")


def post(client: Client, name: str, **fields: str) -> bytes:
    answer = client.post(reverse(f"segments:{name}"), fields)
    assert answer.status_code == 200
    return answer.content


def asked(client: Client, name: str, of: Any, **fields: str) -> str:
    return post(client, name, rule=json.dumps(of), **fields).decode()


def test_count_sentence_people_and_reach(mara: Client) -> None:
    page = asked(mara, "preview", rule(event(VIEW, "at_least", 2)))
    assert 'data-n="1"' in page
    assert 'data-exact="1"' in page
    assert 'data-english="People who did Product Viewed at least 2 times at any time"' in page
    assert ">Ann<" in page
    assert "100.0 %" in page


def test_a_mistake_names_its_place(mara: Client) -> None:
    page = asked(mara, "preview", rule(event(VIEW), event("")))
    assert 'data-place="root.of[1].name"' in page
    assert "is empty: choose or type it" in page


@pytest.mark.parametrize("text", ["", "[", "null", "[]", '{"version": 2, "root": {}}', '{"version": 1, "root": []}'])
def test_no_rule_at_all_is_said(mara: Client, text: str) -> None:
    assert "data-error-place" in post(mara, "preview", rule=text).decode()


def test_the_raw_events_behind_a_condition(mara: Client) -> None:
    ann = Profile.objects.get(traits__firstName="Ann")
    of = rule(event(VIEW), no(trait("city", "is", "Rome")))
    page = asked(mara, "preview_behind", of, place="root.of[0]", profile=str(ann.pk))
    assert page.count("rb-behind-name") == 2
    assert "&lt;red&gt;" in page
    for place, profile in (("root.of[9]", str(ann.pk)), ("root.of[0]", "x"), ("root.of[0]", "0")):
        assert "The rule was changed meanwhile" in asked(mara, "preview_behind", of, place=place, profile=profile)


@pytest.mark.parametrize("who", ["ann@shop.example", "ANN@shop.example", "user_id:ann", "ann"])
def test_is_this_person_in(mara: Client, who: str) -> None:
    page = asked(
        mara, "preview_person", rule(event(VIEW, window={"kind": "last", "amount": 1, "unit": "year"})), who=who
    )
    assert ">In<" in page
    assert "decides" in page
    assert "leaves" in page


def test_who_is_not_known_is_said(mara: Client) -> None:
    assert "Nobody is known by" in asked(mara, "preview_person", rule(event(VIEW)), who="zed@shop.example")
    assert "Type an e-mail address" in asked(mara, "preview_person", rule(event(VIEW)), who=" ")


def test_the_spread_of_a_number(mara: Client) -> None:
    def spread(leaf: Any) -> Any:
        return json.loads(post(mara, "preview_spread", leaf=json.dumps(leaf)))

    assert spread(event(VIEW))["people"] == 1
    assert spread(event(""))["state"] == "incomplete"
    assert spread(event("Never"))["state"] == "nobody"
    assert spread(trait("city", "is", "Rome"))["state"] == "nobody"
    assert spread({"kind": "sample", "to": 1, "seed": "x"})["state"] == "none"


def test_suggestions(mara: Client) -> None:
    def found(**query: str) -> Any:
        return mara.get(reverse("segments:suggest"), query).json()["results"]

    assert found(kind="values", name=VIEW, property="color")[0]["value"] == "<red>"
    assert found(kind="values", name=VIEW, property="a\x00b") == []
    assert mara.get(reverse("segments:suggest"), {"kind": "secrets"}).status_code == 400


def test_places_are_those_of_errors() -> None:
    node = parse(rule(event(VIEW), no(rule(event(BUY), trait("city", "is_set"), kind="any")["root"])))
    places = [place for place, _ in placed_leaves(node)]
    assert places == ["root.of[0]", "root.of[1].of.of[0]", "root.of[1].of.of[1]"]


def test_every_ready_rule_can_be_used(mara: Client) -> None:
    for one in gallery(names([], [])):
        parse(one.rule)
        assert "data-n=" in asked(mara, "preview", one.rule), one.key
        assert one.title in mara.get(reverse("segments:new")).content.decode()


def test_reach_takes_the_most_restrictive_word_and_no_suppressed_address(mara: Client) -> None:
    take_in([identify("cat", traits={"email": "cat@shop.example"}), identify("dan", traits={"phone": "+441234567"})])
    ids = list(Profile.objects.values_list("pk", flat=True))
    assert [(one.of, one.with_address, one.reachable, one.agreed) for one in reach(ids)] == [(4, 3, 3, 0), (4, 1, 1, 0)]
    suppress([("email", "ann@shop.example")], reason=Reason.BOUNCE, now=NOW)
    with connection.cursor() as cursor:
        record_consents(
            cursor, [said("bob@shop.example", is_granted=False), said("cat@shop.example", is_granted=True)], now=NOW
        )
    email = reach(ids)[0]
    assert (email.with_address, email.reachable, email.agreed) == (3, 1, 1)


def said(value: str, *, is_granted: bool) -> Word:
    return Word("email", value, "email-marketing", "", is_granted, NOW, None, "test")
