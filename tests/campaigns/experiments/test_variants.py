"""What each variant says is made from the campaign's mail, kept at the start, and refused with mistakes."""

from typing import Any

import pytest

from campaigns import audience, variants
from campaigns.changes import Lost
from campaigns.content.vocabulary import Vocabulary
from campaigns.models import Campaign, Template
from tests.campaigns.test_send import FOOTER, a_campaign
from tests.taking_in import NOW

pytestmark = pytest.mark.django_db
SPACER = {"id": "gap", "kind": "spacer", "height_px": 20}
GAP = ["blocks", "gap", "height_px"]


def with_variants(*changes: list[dict[str, Any]]) -> Campaign:
    campaign = a_campaign(blocks=[SPACER])
    campaign.template.content["subject"] = "Hi"
    campaign.template.save()
    for number, some in enumerate(changes, start=1):
        campaign.variants.create(number=number, name="ABCDEF"[number - 1], changes=some)
    return campaign


def test_each_variant_has_its_content_and_sender_and_none_is_the_campaigns_own() -> None:
    campaign = with_variants([], [{"place": GAP, "value": 40}])
    campaign.variants.filter(number=2).update(sender="B <b@x.org>")
    own, first, second = (variants.made(campaign)[number] for number in (0, 1, 2))
    assert own == first == variants.Made(campaign.template.content, {}, campaign.sender)
    assert second.content["blocks"][0]["height_px"] == 40 and second.sender == "B <b@x.org>"


def test_a_mail_of_its_own_is_taken_instead() -> None:
    campaign = with_variants([], [])
    content = {"version": 2, "subject": "Other", "blocks": [FOOTER]}
    mail = Template.objects.create(name="B", content=content, created_at=NOW, changed_at=NOW)
    campaign.variants.filter(number=2).update(template=mail)
    assert variants.made(campaign)[2].content == content


def test_what_was_kept_stays_whatever_is_edited_since() -> None:
    campaign = with_variants([], [{"place": GAP, "value": 40}])
    checked = variants.made(campaign)
    audience.start(campaign, now=NOW)
    Template.objects.filter(pk=campaign.template_id).update(content={"version": 2, "subject": "X", "blocks": [SPACER]})
    campaign.variants.update(changes=[])
    assert variants.made(Campaign.objects.get(pk=campaign.pk)) == checked
    campaign.refresh_from_db()
    campaign.state = Campaign.State.DRAFT  # taken back before its time
    campaign.save()
    assert variants.made(Campaign.objects.get(pk=campaign.pk))[2].content["subject"] == "X"


def test_a_change_after_the_look_for_mistakes_stops_the_start() -> None:
    campaign = with_variants([], [{"place": GAP, "value": 40}])
    checked = variants.made(campaign)
    campaign.variants.filter(number=2).update(changes=[{"place": GAP, "value": 50}])
    with pytest.raises(variants.ChangedMeanwhile):
        variants.keep(campaign, checked=checked, by=None, now=NOW)


def test_mistakes_of_a_variant_are_said_with_its_name() -> None:
    campaign = with_variants(
        [],
        [{"place": GAP, "value": 4000}],
        [{"place": ["blocks", "x", "text"], "value": ""}],
        [{"place": ["subject"], "value": "{{ nmae }}"}],
    )
    said = {one.place for one in variants.problems(campaign, vocabulary=Vocabulary.now()) if one.is_error}
    assert said == {"B: blocks.gap.height_px", "C", "D: subject"}
    with pytest.raises(Lost):
        variants.made(campaign)
