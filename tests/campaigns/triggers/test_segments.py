"""Coming into a segment and leaving it start a campaign, if the person's own doing or the clock caused it."""

from datetime import datetime
from typing import Any

import pytest

from campaigns.triggers.read import read
from cdp.common.models import NewsCursor
from cdp.profiles.models import ProfileChange
from cdp.rules.tree import UTC
from segments.models import MembershipChange, Segment
from segments.refresh import refresh_changes, refresh_fully
from tests.campaigns.triggers.making import a_campaign, a_person, happens, later, planned, read_all
from tests.segments.test_refresh import a_segment
from tests.taking_in import NOW

pytestmark = pytest.mark.django_db
VIEWED = "Product Viewed"


def viewers(minutes: int = 10) -> Segment:
    window = {"kind": "last", "amount": minutes, "unit": "minute"}
    return a_segment({"kind": "event", "name": VIEWED, "op": "at_least", "value": 1, "window": window})


def follow(now: datetime) -> None:
    """A test is one transaction, which readers of news wait for: its rows are told to be of an earlier one."""
    refresh_changes(now=now, zone=UTC)
    MembershipChange.objects.update(xact_id=1)
    NewsCursor.objects.update(xact_id=0, row_id=0)
    read_all(now=now)


def on(kind: str, segment: Segment) -> dict[str, Any]:
    return {"kind": kind, "segment": segment.pk}


def test_entering_and_leaving_start_their_campaigns_once() -> None:
    segment = viewers()
    comes = a_campaign(on("enters", segment), name="comes", delay_s=60)
    leaves = a_campaign(on("leaves", segment), name="leaves")
    a_person("ann")
    happens("ann", VIEWED, at=later(minutes=1))
    follow(later(minutes=1))
    follow(later(minutes=1))
    assert planned(comes) == [("ann", later(minutes=2))]
    assert planned(leaves) == []
    follow(later(minutes=12))
    assert planned(leaves) == [("ann", later(minutes=12))]
    assert len(planned(comes)) == 1


def test_a_new_rule_and_imports_start_nothing() -> None:
    segment = viewers()
    campaign = a_campaign(on("enters", segment))
    for name in ("ann", "bob"):
        a_person(name)
    happens("ann", VIEWED, at=later(minutes=1), lane="bulk")
    follow(later(minutes=2))
    assert MembershipChange.objects.get().cause == "event"
    rule = {"kind": "trait", "name": "name", "op": "is", "value": "bob"}
    Segment.objects.filter(pk=segment.pk).update(rule={"version": 1, "root": rule}, is_stale=True)
    refresh_fully(segment.pk, now=later(minutes=3), zone=UTC)
    follow(later(minutes=3))
    assert MembershipChange.objects.filter(kind="entered").count() == 2
    assert planned(campaign) == []


@pytest.mark.parametrize(("days_ago", "starts"), [(8, True), (7, False)])
def test_an_import_of_long_ago_is_not_what_brings_somebody_in(days_ago: int, starts: bool) -> None:
    """A score did, told as a trait."""
    segment = viewers()
    campaign = a_campaign(on("enters", segment))
    a_person("ann")
    imported = {"cause": "import:1", "at": later(days=-days_ago)}
    ProfileChange.objects.update(**imported)
    happens("ann", VIEWED, at=later(minutes=1))
    refresh_changes(now=later(minutes=1), zone=UTC)
    MembershipChange.objects.update(cause="trait", at=NOW)
    follow(later(minutes=1))
    assert bool(planned(campaign)) == starts


def test_changes_before_the_start_are_no_news() -> None:
    segment = viewers()
    a_person("ann")
    happens("ann", VIEWED, at=later(minutes=1))
    refresh_changes(now=later(minutes=1), zone=UTC)
    campaign = a_campaign(on("enters", segment), started_at=later(minutes=2))
    follow(later(minutes=3))
    assert planned(campaign) == []


def test_news_of_what_is_still_under_way_is_left_for_later() -> None:
    """The change's own transaction is not over here: a reader that went past it would miss it."""
    segment = viewers()
    campaign = a_campaign(on("enters", segment))
    a_person("ann")
    happens("ann", VIEWED, at=later(minutes=1))
    refresh_changes(now=later(minutes=1), zone=UTC)
    assert read(now=later(minutes=1), zone=UTC) == 0
    assert planned(campaign) == []
    assert NewsCursor.objects.get().xact_id < MembershipChange.objects.get().xact_id
