"""The library over HTTP: templates and modules made, found, renamed, copied, archived and brought back."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.library.used_in import holders_of
from campaigns.models import Campaign, Template
from tests.campaigns.library.cases import a_campaign_of, a_template, content, text
from tests.cast import Cast
from tests.cdp.rules.test_rules import trait
from tests.segments.test_refresh import a_segment
from tests.taking_in import NOW

pytestmark = pytest.mark.django_db
Kind = Template.Kind


@pytest.fixture
def mara(cast: Cast) -> Client:
    return cast.client("mara")


def post(client: Client, verb: str, template: Template, /, **fields: Any) -> Any:
    return client.post(reverse(f"campaigns:{verb}", args=[template.pk]), fields, follow=True)


def posted(client: Client, verb: str, template: Template, /, **body: Any) -> Any:
    url = reverse(f"campaigns:{verb}", args=[template.pk])
    return client.post(url, json.dumps(body), content_type="application/json")


def shown(client: Client, query: str = "") -> str:
    return client.get(reverse("campaigns:templates") + query).content.decode()


def test_templates_are_found_by_name_and_by_words(mara: Client) -> None:
    a_template("Spring", of=content(text("b1", "About tulips")))
    a_template("Autumn")
    a_template("Leaf", kind=Kind.MODULE)
    assert "Spring" in shown(mara) and "Autumn" in shown(mara) and "Leaf" not in shown(mara)
    assert "Spring" in shown(mara, "?q=tulips") and "Autumn" not in shown(mara, "?q=tulips")
    assert "Autumn" in shown(mara, "?q=autu")
    assert "Leaf" in shown(mara, "?kind=module")


def test_archiving_can_be_undone_and_gives_the_name_free(mara: Client) -> None:
    template = a_template("Spring")
    page = post(mara, "template_archive", template).content.decode()
    assert "“Spring” is archived." in page and "Undo" in page
    assert "Spring" in shown(mara, "?state=archived")
    a_template("Spring")
    post(mara, "template_restore", template)
    template.refresh_from_db()
    assert (template.name, template.archived_at) == ("Spring (2)", None)


def test_names_are_their_own(mara: Client) -> None:
    template = a_template("Spring")
    a_template("Autumn")
    assert (
        "Another template is called “Autumn”."
        in post(mara, "template_rename", template, name="Autumn").content.decode()
    )
    post(mara, "template_rename", template, name="  Early   spring ")
    template.refresh_from_db()
    assert template.name == "Early spring"
    assert "needs a name" in post(mara, "template_rename", template, name=" ").content.decode()


def test_a_copy_is_changed_without_the_first(mara: Client) -> None:
    template = a_template("Spring")
    for _ in range(2):
        mara.post(reverse("campaigns:template_duplicate", args=[template.pk]))
    names = Template.objects.filter(kind=Kind.SAVED).order_by("pk").values_list("name", flat=True)
    assert list(names) == ["Spring", "Copy of Spring", "Copy of Spring (2)"]


def test_the_mail_of_a_campaign_becomes_a_template_and_a_block_a_module(mara: Client) -> None:
    campaign = a_campaign_of(a_segment(trait("level", "is", "gold")))
    saved = posted(mara, "mail_save_as", campaign.template, kind="saved", name="Kept")
    assert saved.status_code == 201
    assert Template.objects.get(pk=saved.json()["id"]).content == campaign.template.content
    block = text("x9", "Our banner")
    module = posted(mara, "mail_save_as", campaign.template, kind="module", name="Banner", block=block).json()
    assert Template.objects.get(pk=module["id"]).content["blocks"] == [block]
    assert [one["name"] for one in mara.get(reverse("campaigns:modules")).json()["modules"]] == ["Banner"]
    again = posted(mara, "mail_save_as", campaign.template, kind="module", name="Banner", block=block)
    assert (again.status_code, again.json()["message"]) == (422, "Another module is called “Banner”.")
    inner = {"id": "m", "kind": "module", "module": module["id"]}
    nested = posted(mara, "mail_save_as", campaign.template, kind="module", name="Two", block=inner)
    assert nested.json()["message"] == "Modules cannot hold modules."


def test_it_is_said_where_a_module_stands_and_what_changes_with_it(mara: Client) -> None:
    module = a_template("Foot", kind=Kind.MODULE)
    other = a_template("Other", kind=Kind.MODULE)
    holding = content({"id": "m", "kind": "module", "module": module.pk})
    a_template("Spring", of=holding)
    segment = a_segment(trait("level", "is", "gold"))
    a_campaign_of(segment, holding, "Draft")
    sent = a_campaign_of(segment, holding, "Gone")
    Campaign.objects.filter(pk=sent.pk).update(state=Campaign.State.SENT, started_at=NOW)
    found = holders_of([module.pk, other.pk])
    assert [(one.name, one.is_fixed) for one in found[module.pk]] == [
        ("Draft", False),
        ("Gone", True),
        ("Spring", False),
    ]
    assert found[other.pk] == []
    page = shown(mara, "?kind=module")
    assert "Stands in 3 mails" in page and "Stands nowhere yet" in page
    assert "was sent, and keeps the module as it was" in page


def test_a_viewer_looks_and_changes_nothing(cast: Cast) -> None:
    template, vic = a_template("Spring"), cast.client("vic")
    assert "Use in a new campaign" not in shown(vic)
    for name in ("template_archive", "template_rename", "template_duplicate", "mail_save_as", "mail_version_keep"):
        assert post(vic, name, template, name="X", note="X").status_code == 403
    assert vic.get(reverse("campaigns:mail_versions", args=[template.pk])).status_code == 200


def test_versions_are_listed_compared_and_brought_back(mara: Client) -> None:
    template = a_template("Spring")
    post(mara, "mail_version_keep", template, note="First words")
    save = {"content": content(text("b1", "Two")), "revision": 1}
    assert posted(mara, "editor_save", template, **save).status_code == 200
    url = reverse("campaigns:mail_versions", args=[template.pk])
    page = mara.get(url).content.decode()
    assert "First words" in page and "its words changed" in page
    compared = mara.get(url + "?old=1&new=2").content.decode()
    assert "From version 1 to version 2" in compared
    assert mara.get(url + "?old=1&new=99").status_code == 404
    mara.post(reverse("campaigns:mail_version_back", args=[template.pk, 1]))
    template.refresh_from_db()
    assert (template.content["blocks"][0]["text"], template.revision) == ("One", 3)
