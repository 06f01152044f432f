"""What goes by a segment or by a campaign's mails is shown where these are, and said before they are put away."""

from typing import Any

import pytest
from django.urls import reverse

from campaigns import used_by
from campaigns.models import Campaign, Endpoint, Template, Variant
from scoring.models import Predictor
from segments.models import Segment
from segments.save import StillUsed, archive
from segments.uses import uses_of
from tests.campaigns.plan.cases import CONTENT, a_campaign, a_segment
from tests.cast import Cast
from tests.scoring.scores.made import a_predictor
from tests.taking_in import NOW

pytestmark = pytest.mark.django_db
State, Kind = Campaign.State, Campaign.Kind


def inside(segment: Segment) -> dict[str, Any]:
    return {"kind": "segment", "id": segment.pk, "op": "in"}


def clicked(campaign: Campaign) -> dict[str, Any]:
    return {"kind": "message", "op": "clicked", "campaign": campaign.pk}


def rule(leaf: dict[str, Any]) -> dict[str, Any]:
    return {"version": 1, "root": {"kind": "all", "of": [{"kind": "not", "of": leaf}]}}


def content_with(leaf: dict[str, Any]) -> dict[str, Any]:
    blocks: Any = CONTENT["blocks"]
    return {**CONTENT, "blocks": [{**blocks[0], "when": rule(leaf)}]}


@pytest.mark.parametrize(
    ("where", "is_sending"),
    [("enters", True), ("leaves", False), ("rule", False), ("condition", False), ("exit", False)],
)
def test_a_segment_that_a_campaign_goes_by_is_used_and_not_archived(where: str, is_sending: bool) -> None:
    segment = a_segment([])
    settings: dict[str, Any] = {
        "enters": {"trigger": {"kind": "enters", "segment": segment.pk}},
        "leaves": {"trigger": {"kind": "leaves", "segment": segment.pk}},
        "rule": {"rule": rule(inside(segment))},
        "condition": {"condition": rule(inside(segment))},
        "exit": {"exit": {"since_trigger": ["Order Completed"], "rule": rule(inside(segment))}},
    }[where]
    campaign = a_campaign(state=State.SENDING, kind=Kind.TRIGGERED, **settings)
    (use,) = uses_of([segment.pk])[segment.pk]
    assert (use.kind, use.name, use.is_sending) == ("Campaign", campaign.name, is_sending)
    with pytest.raises(StillUsed, match=campaign.name):
        archive(segment, now=NOW)
    Campaign.objects.update(state=State.CANCELLED)
    archive(segment, now=NOW)


def test_what_a_variant_changes_uses_a_segment() -> None:
    segment, campaign = a_segment([]), a_campaign()
    change = {"place": ["blocks", "t", "when"], "value": rule(inside(segment))}
    Variant.objects.create(campaign=campaign, number=1, name="A")
    Variant.objects.create(campaign=campaign, number=2, name="B", changes=[change])
    assert [use.name for use in uses_of([segment.pk])[segment.pk]] == [campaign.name]


def using(first: Campaign) -> set[tuple[str, str]]:
    return {(use.kind, use.name) for use in used_by.uses_of(first)}


def test_all_that_goes_by_the_mails_of_a_campaign() -> None:
    first, other = a_campaign(), a_campaign()
    Campaign.objects.filter(pk=first.pk).update(rule=rule(clicked(first)))
    expected = set()
    for settings in (
        {"trigger": {"kind": "message", "campaign": first.pk, "did": "nothing"}},
        {"rule": rule(clicked(first))},
        {"condition": rule(clicked(first))},
        {"exit": {"rule": rule(clicked(first))}},
    ):
        expected.add(("Campaign", a_campaign(**settings).name))
    by_mail, by_module, by_variant = a_campaign(), a_campaign(), a_campaign()
    module = Template.objects.create(
        name="Module", kind="module", content=content_with(clicked(first)), created_at=NOW, changed_at=NOW
    )
    held = {**CONTENT, "blocks": [{"id": "m", "kind": "module", "module": module.pk}]}
    Template.objects.filter(pk=by_mail.template_id).update(content=content_with(clicked(first)))
    Template.objects.filter(pk=by_module.template_id).update(content=held)
    change = {"place": ["blocks", "t", "when"], "value": rule(clicked(first))}
    Variant.objects.create(campaign=by_variant, number=1, name="A", changes=[change])
    expected |= {("Campaign", one.name) for one in (by_mail, by_module, by_variant)}
    Segment.objects.create(name="Clickers", rule=rule(clicked(first)), created_at=NOW, changed_at=NOW)
    gone = {"name": "Gone", "archived_at": NOW}
    Segment.objects.create(rule=rule(clicked(first)), created_at=NOW, changed_at=NOW, **gone)
    predictor = a_predictor(name="Clicks again")
    Predictor.objects.filter(pk=predictor.pk).update(population=rule(clicked(first)))
    wants = {"kinds": ["delivery"], "campaigns": [first.pk]}
    Endpoint.objects.create(name="Shop", url="https://shop.example/", wants=wants, created_at=NOW, changed_at=NOW)
    expected |= {("Module", "Module"), ("Segment", "Clickers"), ("Predictor", "Clicks again"), ("Webhook", "Shop")}
    assert using(first) == expected
    assert using(other) == set()


def test_the_page_shows_it_and_cancelling_says_it(cast: Cast) -> None:
    first = a_campaign(state=State.SENDING, kind=Kind.RECURRING)
    page = reverse("campaigns:campaign", args=[first.pk])
    mara = cast.client("mara")
    assert "Used by" not in mara.get(page).content.decode()
    follow = {"kind": "message", "campaign": first.pk, "did": "clicked"}
    after = a_campaign(kind=Kind.TRIGGERED, trigger=follow, state=State.SENDING)
    over = a_campaign(kind=Kind.TRIGGERED, trigger=follow, state=State.CANCELLED)
    segment = Segment.objects.create(name="Clickers", rule=rule(clicked(first)), created_at=NOW, changed_at=NOW)
    wants = {"kinds": ["delivery"], "campaigns": [first.pk]}
    Endpoint.objects.create(name="Shop", url="https://shop.example/", wants=wants, created_at=NOW, changed_at=NOW)
    html = mara.get(page).content.decode()
    for used in (after, over):
        assert f'<a href="{reverse("campaigns:campaign", args=[used.pk])}">{used.name}</a>' in html
    assert f'<a href="{reverse("segments:segment", args=[segment.pk])}">Clickers</a>' in html
    assert f"hears nothing new of it: “{after.name}”, “Clickers”." in html
    assert "Shop" not in html, "who may not see endpoints is told none"
    assert "hears nothing new of it" not in cast.client("vic").get(page).content.decode()
