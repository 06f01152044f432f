"""The editor's page and what it asks for: saving, conflicts, who may, and what no page survives as it came."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.models import Campaign, Template
from segments.models import Segment
from tests.campaigns.library.cases import GOLD, a_campaign_of, a_template, content, text
from tests.cast import Cast
from tests.cdp.rules.test_rules import VIEW, event, rule
from tests.polyglots import POLYGLOTS
from tests.segments.test_refresh import a_segment
from tests.taking_in import NOW

pytestmark = pytest.mark.django_db
DRAFT = content(text("b1", "{{ unfinished", when={"version": 1, "root": {"kind": "nonsense"}}))


@pytest.fixture
def mara(cast: Cast) -> Client:
    return cast.client("mara")


def post(client: Client, name: str, body: object, *args: object) -> Any:
    text_ = body if isinstance(body, str | bytes) else json.dumps(body)
    return client.post(reverse(f"campaigns:{name}", args=args), text_, content_type="application/json")


def save(client: Client, template: Template, new: object, *, revision: int | None = None) -> Any:
    body = {"content": new, "revision": template.revision if revision is None else revision}
    return post(client, "editor_save", body, template.pk)


def stored(template: Template) -> Any:
    return Template.objects.get(pk=template.pk).content


def test_a_draft_with_mistakes_is_kept(mara: Client, cast: Cast) -> None:
    template = a_template()
    answer = save(mara, template, DRAFT)
    assert (answer.status_code, answer.json()["revision"]) == (200, 2)
    assert stored(template) == DRAFT
    assert Template.objects.get(pk=template.pk).changed_by == cast.mara
    assert mara.get(f"/campaigns/mails/{template.pk}/").context["held"]["content"] == DRAFT


def test_who_saves_over_somebody_elses_changes_is_told_of_them(mara: Client, cast: Cast) -> None:
    template = a_template()
    assert save(cast.client("ada"), template, content(text("b1", "Ada's"))).status_code == 200
    answer = save(mara, template, content(text("b1", "Mara's")))
    told = answer.json()
    assert (answer.status_code, told["by"], told["revision"]) == (409, "Ada", 2)
    assert told["content"] == stored(template) == content(text("b1", "Ada's"))
    assert save(mara, template, content(text("b1", "Mara's")), revision=2).json()["revision"] == 3


def test_what_was_saved_already_is_no_conflict(mara: Client) -> None:
    """The answer to a save may be lost on the way; the page then asks once more."""
    template, new = a_template(), content(text("b1", "New"))
    assert [save(mara, template, new).json()["revision"] for _ in range(3)] == [2, 2, 2]


@pytest.mark.parametrize(
    "body",
    [
        "no json",
        "[]",
        "[" * 100_000,
        '{"revision": 1, "content": ' + '{"blocks": ' * 3_000 + "1" + "}" * 3_001,
        '{"revision": 1, "content": {"version": 2, "blocks": [{"height_px": NaN}]}}',
        '{"revision": 1, "content": {"version": 2, "blocks": [1e999]}}',
        {"revision": 1, "content": {"version": 1, "blocks": []}},
        {"revision": 1, "content": {"version": 2, "blocks": {}}},
        {"revision": 1, "content": ["version"]},
        {"revision": "1", "content": content()},
        {"revision": 1, "content": content(text("b1", "x" * 510_000))},
        {"revision": 1, "content": content(text("b1", "x" * 3_000_000))},
    ],
)
def test_what_is_no_mail_is_refused_and_said(mara: Client, body: object) -> None:
    template = a_template()
    answer = post(mara, "editor_save", body, template.pk)
    assert answer.status_code in (400, 422)
    assert stored(template) == template.content


def test_characters_that_cannot_be_stored_are_made_visible(mara: Client) -> None:
    template = a_template()
    assert save(mara, template, content(text("b1", "a\x00b\ud800c"))).status_code == 200
    assert stored(template)["blocks"][0]["text"] == "a\ufffdb?c"


def test_hostile_content_stays_data(mara: Client) -> None:
    template = a_template()
    blocks = [text(f"b{n}", one, label=one, **{one: one}) for n, one in enumerate(POLYGLOTS)]
    assert save(mara, template, content(*blocks, subject=POLYGLOTS[0])).status_code == 200
    assert len(stored(template)["blocks"]) == len(POLYGLOTS) + 1
    page = mara.get(f"/campaigns/mails/{template.pk}/")
    assert page.status_code == 200
    assert not [one for one in POLYGLOTS if "<script>" in one and one in page.content.decode()]


@pytest.mark.parametrize(("who", "status"), [("ada", 200), ("mara", 200), ("stew", 403), ("vic", 403)])
def test_who_may_write(cast: Cast, who: str, status: int) -> None:
    template, client = a_template(), cast.client(who)
    assert client.get(f"/campaigns/mails/{template.pk}/").status_code == status
    assert save(client, template, content(text("b1", "New"))).status_code == status
    assert (stored(template) == template.content) == (status == 403)


@pytest.fixture
def audience() -> Segment:
    return a_segment(event(VIEW))


def test_a_started_campaign_is_not_changed(mara: Client, audience: Segment) -> None:
    campaign = a_campaign_of(audience)
    Campaign.objects.filter(pk=campaign.pk).update(state=Campaign.State.SENDING)
    answer = save(mara, campaign.template, content(text("b1", "Too late")))
    assert (answer.status_code, "started" in answer.json()["message"]) == (403, True)
    assert stored(campaign.template) == campaign.template.content
    page = mara.get(f"/campaigns/mails/{campaign.template_id}/")
    assert page.headers["Location"] == f"/campaigns/{campaign.pk}/"


def test_what_was_archived_is_not_there(mara: Client) -> None:
    template = a_template()
    Template.objects.filter(pk=template.pk).update(archived_at=NOW)
    assert mara.get(f"/campaigns/mails/{template.pk}/").status_code == 404
    assert save(mara, template, content()).status_code == 404


def test_rules_are_said_in_words(mara: Client) -> None:
    said = post(mara, "sentences", {"rules": [GOLD, rule({"kind": "trait", "name": ""}), 7, None]}).json()["sentences"]
    assert said[0]["english"].startswith("People ")
    assert [bool(one.get("error")) for one in said] == [False, True, True, True]
    assert post(mara, "sentences", {"rules": [GOLD] * 201}).status_code == 422


def test_pasted_tokens_are_converted_and_said(mara: Client) -> None:
    told = post(mara, "convert", {"text": "Dear *|FNAME|*"}).json()
    assert told["text"] == "Dear {{ first_name }}"
    assert told["notes"]
    assert post(mara, "convert", {"text": 7}).status_code == 422


def test_a_new_campaign_begins_with_a_template_and_leads_to_the_editor(mara: Client, audience: Segment) -> None:
    begun = a_template(of=content(text("b1", "From the library")))
    fields = {"name": "News", "included": [audience.pk], "sender": "S <s@x.org>", "starter": f"template-{begun.pk}"}
    answer = mara.post("/campaigns/new/", fields)
    campaign = Campaign.objects.get()
    assert answer.headers["Location"] == f"/campaigns/mails/{campaign.template_id}/"
    assert campaign.template.content == begun.content
    assert campaign.template_id != begun.pk
    refused = mara.post("/campaigns/new/", {**fields, "name": "More", "starter": "template-999999"})
    assert (refused.status_code, Campaign.objects.count()) == (422, 1)


def test_changing_a_campaign_leaves_its_mail_alone(mara: Client, audience: Segment) -> None:
    campaign = a_campaign_of(audience)
    fields = {"name": "Other", "included": [audience.pk], "sender": "T <t@x.org>"}
    assert mara.post(f"/campaigns/{campaign.pk}/edit/", fields).status_code == 302
    changed = Campaign.objects.select_related("template").get()
    assert (changed.name, changed.sender, changed.template.name) == ("Other", "T <t@x.org>", "Other")
    assert changed.template.content == campaign.template.content
    page = mara.get(f"/campaigns/{campaign.pk}/").content.decode()
    assert f"/campaigns/mails/{campaign.template_id}/" in page
