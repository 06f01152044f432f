"""Whom to look at a mail as: beside each other, by name, and by the branch they get."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from campaigns import preview_people
from campaigns.models import Template
from campaigns.preview_people import Audience, leading_to, path_to
from cdp.profiles.models import Profile
from cdp.rules.parse import parse
from cdp.rules.tree import UTC
from segments.bounded import TooSlow
from tests.campaigns.library.cases import GOLD, SILVER, a_campaign_of, a_template, chain, content, people, text
from tests.cast import Cast
from tests.cdp.rules.test_rules import trait
from tests.segments.test_refresh import a_segment
from tests.taking_in import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def mara(cast: Cast) -> Client:
    return cast.client("mara")


def listed(client: Client, template: Template, **query: str) -> list[str]:
    answer = client.get(reverse("campaigns:mail_people", args=[template.pk]), query)
    return [one["uuid"] for one in answer.json()["people"]]


def of_branch(client: Client, template: Template, split: str, branch: int, **more: Any) -> Any:
    body = {"content": template.content, "split": split, "branch": branch, **more}
    url = reverse("campaigns:mail_people_for_branch", args=[template.pk])
    return client.post(url, json.dumps(body), content_type="application/json")


def uuids(*of: Profile) -> list[str]:
    return [str(one.uuid) for one in of]


def test_next_and_previous_go_through_the_audience_in_order(mara: Client) -> None:
    a, b, c, d = people("gold", "silver", "gold", "gold")
    template = a_campaign_of(a_segment(trait("level", "is", "gold"))).template
    assert listed(mara, template) == uuids(a, c, d)
    assert listed(mara, template, after=str(a.uuid)) == uuids(c, d)
    assert listed(mara, template, before=str(d.uuid)) == uuids(c, a)
    assert listed(mara, template, after=str(b.uuid)) == uuids(c, d)
    assert listed(mara, a_template(), after=str(a.uuid)) == uuids(b, c, d)


@pytest.mark.parametrize("text", ["u1@x.org", "ann1", "Doe Ann1", "ANN1 DOE", "user_id:u1"])
def test_people_are_found_by_name_and_address(mara: Client, text: str) -> None:
    _, one, _ = people("gold", "silver", "gold")
    assert listed(mara, a_template(), q=text) == uuids(one)


def test_only_people_of_the_audience_are_found(mara: Client) -> None:
    gold, _ = people("gold", "silver")
    template = a_campaign_of(a_segment(trait("level", "is", "gold"))).template
    assert listed(mara, template, q="Doe") == uuids(gold)
    assert listed(mara, template, q="nobody") == []
    assert listed(mara, template, q="user_id:u1") == []


def test_each_branch_has_its_people(mara: Client) -> None:
    a, b, c, d = people("silver", "gold", "bronze", "silver")
    template = a_template(of=content(chain()))
    found = [[one["uuid"] for one in of_branch(mara, template, "b1", n).json()["people"]] for n in range(3)]
    assert found == [uuids(b), uuids(a, d), uuids(c)]
    others = of_branch(mara, template, "b1", 1, not_person=str(a.uuid)).json()
    assert ([one["uuid"] for one in others["people"]], others["n"], others["is_sure"]) == (uuids(d), 1, True)


def test_nobody_is_said(mara: Client) -> None:
    people("silver")
    template = a_campaign_of(a_segment(trait("level", "is", "silver"), name="Silver")).template
    found = of_branch(mara, template, "b1", 0).json()
    assert (found["people"], found["message"]) == ([], "Nobody of “Silver” gets this.")


def test_a_branch_within_another_is_reached_through_both(mara: Client) -> None:
    inner = text("c1", "Inner", when=GOLD, **{"else": text("c1e", "Not gold")})
    outer = {"id": "b1", "kind": "columns", "columns": [[inner], [text("c2", "x")]], "when": GOLD}
    gold, _ = people("gold", "silver")
    template = a_template(of=content(outer))
    assert [one["uuid"] for one in of_branch(mara, template, "c1", 0).json()["people"]] == uuids(gold)
    assert of_branch(mara, template, "c1", 1).json()["people"] == []


@pytest.mark.parametrize(("split", "branch"), [("b1", 3), ("nothing", 0), ("b1", -1), ("b1", "0")])
def test_an_unknown_branch_is_refused(mara: Client, split: str, branch: Any) -> None:
    assert of_branch(mara, a_template(of=content(chain())), split, branch).status_code == 422


def test_beyond_the_first_the_search_goes_on_with_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview_people, "FEW", 2)
    _, _, a, b = people("bronze", "bronze", "gold", "gold")
    path = path_to([parse(GOLD), parse(SILVER)], 0)
    found = leading_to(Audience(), path, now=NOW, zone=UTC)
    assert ([one.uuid for one in found.people], found.is_sure) == ([a.uuid, b.uuid], True)
    assert [one.uuid for one in leading_to(Audience(), path, now=NOW, zone=UTC, leave_out=a.pk).people] == [b.uuid]


def test_a_search_that_takes_too_long_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    people("gold")
    monkeypatch.setattr(preview_people, "cuts_for", slow)
    found = leading_to(Audience(), parse(GOLD), now=NOW, zone=UTC)
    assert (found.people, found.is_sure) == ([], False)


def slow(*_: object, **__: object) -> dict[str, Any]:
    raise TooSlow
