"""Asked when the mail is due: the audience, the condition, the exit, and what they did with the first mail."""

from typing import Any

import pytest

from campaigns.models import Campaign, Delivery, Template
from campaigns.triggers.standing import refusals
from cdp.pipeline import drain
from cdp.profiles.models import Profile
from cdp.rules.tree import UTC
from scoring.models import Predictor, Score
from segments.models import Segment
from segments.refresh import refresh_changes
from tests.campaigns.triggers.making import (
    ADDED,
    ORDERED,
    a_campaign,
    a_person,
    happens,
    later,
    on_event,
    outcomes,
    planned,
    read_all,
    send_due,
)
from tests.segments.test_refresh import a_segment
from tests.taking_in import NOW, rows

pytestmark = pytest.mark.django_db
VIEWED = "Product Viewed"


def viewed() -> dict[str, Any]:
    return {"kind": "event", "name": VIEWED, "op": "at_least", "value": 1}


def whole(root: dict[str, Any]) -> dict[str, Any]:
    return {"version": 1, "root": root}


def test_the_condition_is_asked_when_it_is_due() -> None:
    campaign = a_campaign(on_event(), delay_s=3600, condition=whole(viewed()))
    for name in ("ann", "bob"):
        a_person(name)
        happens(name, at=later(minutes=1))
    read_all(now=later(minutes=1))
    happens("ann", VIEWED, at=later(minutes=30))
    send_due(campaign, now=later(minutes=61))
    assert outcomes(campaign) == [("ann", "accepted"), ("bob", "condition")]


def test_a_condition_may_ask_for_a_score() -> None:
    predictor = Predictor.objects.create(name="Buys", kind=Predictor.Kind.PURCHASE, days=30, created_at=NOW)
    likely = {"kind": "score", "id": predictor.pk, "op": "more_than", "value": 0.75}
    campaign = a_campaign(on_event(), condition=whole(likely))
    for name, value in (("ann", 0.8), ("bob", 0.75), ("cid", None)):
        a_person(name)
        happens(name, at=later(minutes=1))
        if value is not None:
            who = Profile.objects.get(traits__name=name)
            Score.objects.create(
                profile_id=who.pk,
                predictor_id=predictor.pk,
                value=value,
                percentile=50,
                band="high",
                model_id=1,
                scored_at=NOW,
            )
    read_all(now=later(minutes=1))
    send_due(campaign, now=later(minutes=2))
    assert outcomes(campaign) == [("ann", "accepted"), ("bob", "condition"), ("cid", "condition")]


def test_an_order_since_ends_it_and_an_earlier_one_does_not() -> None:
    campaign = a_campaign(on_event(ADDED), delay_s=4 * 3600, exit={"since_trigger": [ORDERED]})
    for name in ("ann", "bob", "cid"):
        a_person(name)
    happens("bob", ORDERED, at=later(minutes=1))
    for name in ("ann", "bob", "cid"):
        happens(name, ADDED, at=later(minutes=2))
    read_all(now=later(minutes=2))
    happens("ann", ORDERED, at=later(hours=1))
    send_due(campaign, now=later(hours=5))
    assert outcomes(campaign) == [("ann", "exited"), ("bob", "accepted"), ("cid", "accepted")]


def test_an_exit_rule_holds_whenever_it_became_true() -> None:
    campaign = a_campaign(on_event(), exit={"rule": whole(viewed())})
    for name in ("ann", "bob"):
        a_person(name)
    happens("ann", VIEWED, at=later(minutes=1))
    for name in ("ann", "bob"):
        happens(name, at=later(minutes=2))
    read_all(now=later(minutes=2))
    send_due(campaign, now=later(minutes=3))
    assert outcomes(campaign) == [("ann", "exited"), ("bob", "accepted")]


def test_the_audience_is_asked_too() -> None:
    segment = a_segment(viewed())
    campaign = a_campaign(on_event(), included=(segment,), delay_s=60)
    for name in ("ann", "bob"):
        a_person(name)
        happens(name, at=later(minutes=1))
    read_all(now=later(minutes=1))
    happens("bob", VIEWED, at=later(minutes=2))
    refresh_changes(now=later(minutes=2), zone=UTC)
    send_due(campaign, now=later(minutes=3))
    assert outcomes(campaign) == [("ann", "condition"), ("bob", "accepted")]


def test_nobody_is_written_to_where_the_rule_cannot_be_read() -> None:
    campaign = a_campaign(on_event(), condition=whole({"kind": "segment", "id": a_segment(viewed()).pk, "op": "in"}))
    a_person("ann")
    happens("ann", at=later(minutes=1))
    read_all(now=later(minutes=1))
    Segment.objects.update(archived_at=NOW)
    rows_ = list(Delivery.objects.all())
    assert list(refusals(campaign, rows_, now=later(minutes=2), zone=UTC).values()) == ["condition"]


@pytest.mark.parametrize(
    ("did", "written"),
    [("clicked", ["clicked"]), ("opened", ["clicked", "opened"]), ("converted", ["bought"]), ("nothing", ["silent"])],
)
def test_a_follow_up_goes_by_what_they_did_with_the_first(did: str, written: list[str]) -> None:
    first = a_campaign(on_event(), name="first")
    for name in ("clicked", "opened", "bought", "silent"):
        a_person(name)
        happens(name, at=later(minutes=1))
    follow_up = a_campaign({"kind": "message", "campaign": first.pk, "did": did}, name="next", delay_s=86_400)
    read_all(now=later(minutes=1))
    send_due(first, now=later(minutes=2))
    taken_in(now=later(minutes=3))
    read_all(now=later(minutes=3))
    read_all(now=later(minutes=3))
    assert [at for _, at in planned(follow_up)] == [later(days=1, minutes=2)] * 4
    for name, field in (("clicked", "clicked_at"), ("opened", "opened_at"), ("bought", "converted_at")):
        Delivery.objects.filter(campaign_id=first.pk, address=f"{name}@x.org").update(**{field: later(hours=1)})
    send_due(follow_up, now=later(days=1, minutes=3))
    assert [name for name, how in outcomes(follow_up) if how == "accepted"] == written
    assert {how for name, how in outcomes(follow_up) if name not in written} == {"condition"}


def test_campaigns_of_other_kinds_are_not_asked() -> None:
    template = Template.objects.create(name="T", content={}, created_at=NOW, changed_at=NOW)
    once = Campaign.objects.create(name="O", template=template, sender="", created_at=NOW)
    assert refusals(once, [Delivery(profile_id=1)], now=NOW, zone=UTC) == {}


def taken_in(*, now: Any) -> None:
    """What we tell of our own mails."""
    while drain("live", now=now).rows:
        pass
    rows("select set_config('idle_in_transaction_session_timeout', '0', true)")
