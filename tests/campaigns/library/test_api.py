"""The API of templates: made, changed by revision, archived, and what they were."""

from typing import Any

import pytest
from django.test import Client

from campaigns.models import Campaign
from segments.uses import uses_of
from tests.campaigns.library.cases import a_campaign_of, a_template, content, text
from tests.cdp.rules.test_rules import rule, trait
from tests.factories import a_token
from tests.segments.test_refresh import a_segment

pytestmark = pytest.mark.django_db
URL = "/api/templates"


def call(method: str, path: str = "", *, scope: str = "campaigns:write", **body: Any) -> Any:
    _, token = a_token(scope)
    headers = {"Authorization": f"Bearer {token}"}
    ask = getattr(Client(), method)
    return ask(URL + path, headers=headers, **({"data": body, "content_type": "application/json"} if body else {}))


def read(path: str = "") -> Any:
    return call("get", path, scope="campaigns:read").json()


def test_a_template_is_made_read_changed_and_archived() -> None:
    made = call("post", name="Spring", content=content(text("b1", "Hi {{ nickname }}")))
    assert made.status_code == 201
    told = made.json()
    assert told["problems"][0]["place"] == "blocks.b1.text"
    path = f"/{told['id']}"
    assert read(path)["content"] == told["content"]
    changed = call("patch", path, content=content(text("b1", "Hi")), revision=1, name="Early spring")
    assert (changed.json()["revision"], changed.json()["problems"]) == (2, [])
    stale = call("patch", path, content=content(text("b1", "Ho")), revision=1)
    assert (stale.status_code, read(path)["revision"]) == (409, 2)
    assert [one["name"] for one in read()["results"]] == ["Early spring"]
    assert "content" not in read()["results"][0]
    assert call("delete", path).status_code == 204
    assert read()["results"] == []
    assert call("patch", path, name="X").status_code == 409
    assert call("post", f"{path}/restore").status_code == 200


def test_versions_are_read_and_brought_back() -> None:
    template = a_template("Spring")
    call("patch", f"/{template.pk}", content=content(text("b1", "Two")), revision=1)
    listed = read(f"/{template.pk}/versions")["results"]
    assert [(one["number"], one["kind"]) for one in listed] == [(2, "sitting"), (1, "sitting")]
    assert read(f"/{template.pk}/versions/1")["content"]["blocks"][0]["text"] == "One"
    back = call("post", f"/{template.pk}/versions/1/back").json()
    assert (back["content"]["blocks"][0]["text"], back["revision"]) == ("One", 3)


@pytest.mark.parametrize(
    "body",
    [
        {"name": "", "content": content()},
        {"name": "Taken", "content": content()},
        {"name": "X"},
        {"name": "X", "content": {"version": 1, "blocks": []}},
        {"name": "X", "content": []},
        {"name": "X", "content": content(), "kind": "mail"},
        {"name": "X", "content": content(), "more": 1},
    ],
)
def test_what_cannot_be_kept_is_refused(body: dict[str, Any]) -> None:
    a_template("Taken")
    assert call("post", **body).status_code == 400


def test_the_mail_of_a_campaign_is_changed_until_it_is_started() -> None:
    campaign = a_campaign_of(a_segment(trait("level", "is", "gold")))
    path = f"/{campaign.template_id}"
    assert call("patch", path, content=content(text("b1", "New")), revision=1).status_code == 200
    Campaign.objects.update(state=Campaign.State.SENDING)
    assert call("patch", path, content=content(text("b1", "Newer")), revision=2).status_code == 409
    assert call("delete", path).status_code == 409


def test_a_segment_that_a_template_names_is_in_use() -> None:
    segment = a_segment(trait("level", "is", "gold"))
    when = rule({"kind": "segment", "id": segment.pk, "op": "in"})
    a_template("Spring", of=content(text("b1", "For members", when=when)))
    a_template("Sign", kind="module", of=content(text("b1", "For members", when=when)))
    assert [(one.kind, one.name) for one in uses_of([segment.pk])[segment.pk]] == [
        ("Module", "Sign"),
        ("Template", "Spring"),
    ]
