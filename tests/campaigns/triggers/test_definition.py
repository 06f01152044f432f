"""What starts a campaign is checked before it is kept; errors name the place."""

from typing import Any

import pytest

from campaigns.models import Campaign
from campaigns.triggers.definition import parse_exit, parse_trigger
from campaigns.triggers.set_up import Flow, NotNow, set_up
from campaigns.triggers.words import said
from cdp.rules.fields import RuleError
from tests.campaigns.triggers.making import a_campaign, on_event

pytestmark = pytest.mark.django_db

WRONG: list[tuple[Any, str]] = [
    ({}, "trigger.kind"),
    ([], "trigger"),
    ({"kind": "moon"}, "trigger.kind"),
    ({"kind": "event"}, "trigger.event"),
    ({"kind": "event", "event": "A", "segment": 1}, "trigger.segment"),
    ({"kind": "event", "event": "A", "where": [{"property": "x", "op": "near"}]}, "trigger.where[0].op"),
    ({"kind": "enters"}, "trigger.segment"),
    ({"kind": "leaves", "segment": 999_999}, "trigger.segment"),
    ({"kind": "message", "campaign": 999_999, "did": "clicked"}, "trigger.campaign"),
    ({"kind": "message", "campaign": 1, "did": "slept"}, "trigger.did"),
]


@pytest.mark.parametrize(("document", "place"), WRONG)
def test_what_is_wrong_is_named(document: Any, place: str) -> None:
    with pytest.raises(RuleError) as caught:
        parse_trigger(document)
    assert caught.value.place == place


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ({"since_trigger": "Order Completed"}, "exit.since_trigger"),
        ({"since_trigger": [""]}, "exit.since_trigger[0]"),
        ({"until": 1}, "exit.until"),
        ({"rule": {"version": 1, "root": {"kind": "nothing"}}}, "root.kind"),
    ],
)
def test_what_is_wrong_with_an_exit_is_named(document: Any, place: str) -> None:
    with pytest.raises(RuleError) as caught:
        parse_exit(document)
    assert caught.value.place == place


def test_two_campaigns_do_not_follow_each_other_up() -> None:
    first = a_campaign(on_event(), name="first")
    second = a_campaign({"kind": "message", "campaign": first.pk, "did": "nothing"}, name="second")
    for of in (first, second):
        with pytest.raises(RuleError, match="for ever"):
            parse_trigger({"kind": "message", "campaign": second.pk, "did": "nothing"}, of=of.pk)


def test_what_runs_is_not_changed() -> None:
    campaign = a_campaign(on_event())
    with pytest.raises(NotNow):
        set_up(campaign, Flow(on_event("Other")))
    Campaign.objects.filter(pk=campaign.pk).update(state=Campaign.State.PAUSED)
    set_up(campaign, Flow(on_event("Other")))
    campaign.refresh_from_db()
    assert campaign.trigger == on_event("Other")


def test_it_says_itself_in_words() -> None:
    where = [{"property": "plan", "op": "is", "value": "gold"}]
    campaign = a_campaign(
        on_event(where=where),
        delay_s=4 * 3600,
        condition={"version": 1, "root": {"kind": "trait", "name": "city", "op": "is", "value": "Rome"}},
        exit={"since_trigger": ["Order Completed"]},
        reentry_days=7,
    )
    found = said(campaign)
    assert found.starts == "somebody does Signed Up (where plan is “gold”)"
    assert found.waits == "4 hours"
    assert found.only_if == "they are among “People whose city is “Rome””"
    assert found.not_if == "they did Order Completed since"
    assert found.again == "for the same person again after 7 days at the earliest"
    follow_up = a_campaign({"kind": "message", "campaign": campaign.pk, "did": "clicked"}, name="D")
    assert said(follow_up).only_if == "they clicked in it"
    campaign.trigger = {"kind": "enters", "segment": 999_999}
    assert "there is no segment" in said(campaign).error
