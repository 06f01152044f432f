"""Previews: as one person, by forced branches, with why; nothing given out, nothing written, nobody else's to see."""

import json
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.content.sampled import forget
from campaigns.library import making
from campaigns.models import Delivery, Offer, OfferCode, Template
from cdp.accounts.models import User
from tests.campaigns.library.cases import SILVER, a_campaign_of, a_template, chain, content, people, text
from tests.cast import Cast
from tests.cdp.rules.test_rules import trait
from tests.segments.test_refresh import a_segment
from tests.taking_in import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def mara(cast: Cast) -> Client:
    return cast.client("mara")


def looked(client: Client, template: Template, **body: Any) -> Any:
    url = reverse("campaigns:mail_preview", args=[template.pk])
    return client.post(url, json.dumps(body), content_type="application/json")


def seen(client: Client, template: Template, **body: Any) -> dict[str, Any]:
    answer = looked(client, template, **body)
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def test_each_person_sees_their_branch_and_why(mara: Client) -> None:
    template = a_template(of=content(chain(), subject="Dear {{ firstName | default: 'you' }}"))
    gold, silver, bronze = people("gold", "silver", "bronze")
    found = [seen(mara, template, person=str(one.uuid)) for one in (gold, silver, bronze)]
    assert [one["branches"]["b1"]["branch"] for one in found] == [0, 1, 2]
    assert [one["text"].splitlines()[0] for one in found] == ["For gold", "For you", "For all others"]
    assert [one["subject"] for one in found] == ["Dear Ann0", "Dear Ann1", "Dear Ann2"]
    assert found[0]["branches"]["b1"]["why"] == "whose level is “gold” (seen: gold)"
    assert found[2]["branches"]["b1"]["why"] == (
        "not one of those whose level is “gold” (seen: bronze); not one of those whose level is “silver” (seen: bronze)"
    )
    assert found[1]["person"]["name"] == "Ann1 Doe"
    assert found[0]["problems"] == []


def test_a_branch_can_be_forced_and_one_within_another_brings_its_own(mara: Client) -> None:
    inner = text("c1", "Inner", when=SILVER)
    outer = {"id": "b1", "kind": "columns", "columns": [[inner], [text("c2", "Other")]], "when": SILVER}
    template = a_template(of=content(outer))
    [bronze] = people("bronze")
    plain = seen(mara, template, person=str(bronze.uuid))
    assert "c1" not in plain["branches"] and "Inner" not in plain["text"]
    forced = seen(mara, template, person=str(bronze.uuid), forced={"c1": 0})
    assert "Inner" in forced["text"]
    assert (forced["branches"]["b1"]["why"], forced["branches"]["c1"]["why"]) == ("Chosen by you", "Chosen by you")
    beyond = seen(mara, template, person=str(bronze.uuid), forced={"c1": 7, "nothing": 0})
    assert beyond["branches"] == plain["branches"]


def test_a_rehearsal_gives_out_no_code_and_writes_nothing(mara: Client) -> None:
    Offer.objects.create(
        key="ten", name="Ten off", kind="percent", value=10, codes="generated", created_at=NOW, changed_at=NOW
    )
    words = {"title": "{{ offer.name }}", "text": "Code {{ offer.code }}", "button": "", "without": "None left"}
    template = a_template(of=content({"id": "b1", "kind": "offer", "offer": "ten", **words}))
    [one] = people("gold")
    found = seen(mara, template, person=str(one.uuid))
    assert "Ten off" in found["text"] and "EXAMPLE" in found["text"]
    assert not OfferCode.objects.exists() and not Delivery.objects.exists()
    template.refresh_from_db()
    assert template.revision == 1


def test_the_frame_is_shut_and_for_nobody_else(mara: Client, cast: Cast) -> None:
    template = a_template(of=content({"id": "b1", "kind": "html", "source": "<p>Hi</p>"}))
    url = seen(mara, template)["frame_url"]
    answer = mara.get(url)
    policy = answer["Content-Security-Policy"]
    assert "Hi" in answer.content.decode()
    assert "default-src 'none'" in policy and "script-src" not in policy and "allow-scripts" not in policy
    assert "sandbox allow-popups" in policy
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert cast.client("ada").get(url).status_code == 404
    assert cast.client("vic").get(url).status_code == 403
    assert mara.get(reverse("campaigns:preview_frame", args=["x" * 32])).status_code == 404


def test_what_is_broken_is_said_and_the_rest_is_shown(mara: Client) -> None:
    broken = content(text("b1", "Good"), text("b2", "Bad {{ name"), {"id": "b3", "kind": "video"})
    template = a_template()
    found = seen(mara, template, content=broken)
    assert "Good" in found["text"] and "Bad" not in found["text"]
    assert {one["place"].split(".")[1] for one in found["problems"] if one["is_error"]} >= {"b2", "b3"}
    nothing = seen(mara, template, content={"version": 2, "subject": "x", "blocks": "nonsense"})
    assert (nothing["frame_url"], nothing["text"]) == ("", "")
    assert nothing["problems"]


@pytest.mark.parametrize("body", [b"nonsense", b"[]", b'{"person": "x"}', b'{"forced": 3}', b'{"forced": {"b1": -1}}'])
def test_what_cannot_be_read_is_refused_in_words(mara: Client, body: bytes) -> None:
    url = reverse("campaigns:mail_preview", args=[a_template().pk])
    answer = mara.post(url, body, content_type="application/json")
    assert answer.status_code == 422
    assert answer.json()["message"]


def test_without_people_a_made_up_one_is_seen_and_said(mara: Client) -> None:
    template = a_template(of=content(chain(), subject="Dear {{ firstName | default: 'you' }}"))
    found = seen(mara, template)
    assert (found["person"], found["person_note"]) == (None, "Maria Lindqvist, a made-up person")
    assert "For all others" in found["text"]
    assert found["branches"]["b1"]["why"] == "Nobody is asked: this is a made-up person"
    [one] = people("gold")
    forget()
    assert seen(mara, template)["person"]["uuid"] == str(one.uuid)
    assert seen(mara, template, person="sample")["subject"] == "Dear Maria"
    assert looked(mara, template, person=str(uuid4())).status_code == 422


def test_who_may_not_see_people_sees_the_made_up_one(mara: Client) -> None:
    [one] = people("gold")
    template = a_template()
    may = User.may
    with patch.object(User, "may", lambda user, what: what != "view_people" and may(user, what)):
        assert seen(mara, template, person=str(one.uuid))["person"] is None
        assert mara.get(reverse("campaigns:mail_people", args=[template.pk])).status_code == 403


def test_a_campaign_shows_the_first_of_its_audience(mara: Client) -> None:
    _, silver = people("gold", "silver")
    campaign = a_campaign_of(a_segment(trait("level", "is", "silver")))
    assert seen(mara, campaign.template)["person"]["uuid"] == str(silver.uuid)


def test_a_module_and_what_it_stands_in_are_shown(mara: Client) -> None:
    module = making.create(
        "Sign", kind="module", content={**content(text("s1", "Yours")), "subject": ""}, by=None, now=NOW
    )
    assert "Yours" in seen(mara, module)["text"]
    template = a_template(of=content({"id": "m1", "kind": "module", "module": module.pk}))
    assert "Yours" in seen(mara, template)["text"]
    card = mara.get(reverse("campaigns:mail_card", args=[template.pk]))
    assert "Yours" in card.content.decode()
    assert "default-src 'none'" in card["Content-Security-Policy"]
    assert "allow-same-origin" not in card["Content-Security-Policy"]
