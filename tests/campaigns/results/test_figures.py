"""The numbers of a campaign: what each counts, what it cost, and by variant, branch, segment and time."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from campaigns.models import Campaign, Conversion, Delivery, Variant
from campaigns.results.blocks import blocks_of
from campaigns.results.by_segment import by_segment
from campaigns.results.counts import Counts
from campaigns.results.figures import results_of
from campaigns.results.over_all import Days, over_all, standing
from campaigns.results.over_time import charts_of, span_of
from campaigns.results.rates import Rate
from segments.models import Membership
from tests.campaigns.results.making import NOW, SENT, UTC, a_campaign, a_mail, ago, hit, redeemed
from tests.cdp.rules.test_rules import VIEW, event
from tests.segments.test_refresh import a_segment

pytestmark = pytest.mark.django_db
NOTHING = Decimal(0)
WHEN = {"version": 1, "root": event(VIEW)}
BUTTON = {"kind": "button", "text": "Go", "url": "https://shop.example/"}
CONTENT: dict[str, Any] = {
    "version": 2,
    "subject": {"cases": [{"when": WHEN, "then": "You looked"}], "else": "Hi"},
    "blocks": [
        {"id": "hot", **BUTTON, "label": "Hot", "when": WHEN, "else": {"id": "cold", **BUTTON, "label": "Cold"}},
        {"id": "foot", "kind": "footer", "text": "A shop"},
    ],
}


def converted(mail: Delivery, value: int, *, order_id: str = "", at: Any = NOW) -> None:
    Conversion.objects.create(
        profile_id=mail.profile_id,
        order_id=order_id or str(uuid4()),
        campaign_id=mail.campaign_id,
        delivery=mail.ref,
        by="click",
        touched_at=at,
        at=at,
        value=value,
    )
    Delivery.objects.filter(ref=mail.ref).update(converted_at=at)


def several(campaign: Campaign, n: int, *, first: int, **fields: Any) -> list[Delivery]:
    return [a_mail(campaign, profile_id=first + i, **fields) for i in range(n)]


def test_each_number_counts_what_its_name_says() -> None:
    campaign = a_campaign()
    mails = several(campaign, 10, first=1)
    several(campaign, 2, first=20, state="skipped", reason="holdout")
    several(campaign, 1, first=30, state="skipped", reason="no_consent")
    several(campaign, 3, first=40, state="planned", settled_at=None)
    several(campaign, 1, first=50, state="failed")
    several(campaign, 1, first=60, state="unknown")
    a_mail(a_campaign("other"), profile_id=1)
    marks = ["bounced_at", "opened_at", "clicked_at", "unsubscribed_at", "complained_at"]
    for mail, mark in zip(mails, marks, strict=False):
        Delivery.objects.filter(ref=mail.ref).update(**{mark: NOW})
    Delivery.objects.filter(ref__in=[one.ref for one in mails[1:4]]).update(machine_opened_at=NOW)
    Delivery.objects.filter(ref=mails[9].ref).update(machine_clicked_at=NOW)
    converted(mails[2], 30)
    converted(mails[2], 12)
    found = results_of(campaign)
    assert found.counts == Counts(
        planned=18,
        waiting=3,
        sent=10,
        failed=1,
        unknown=1,
        skipped=found.counts.skipped,
        bounced=1,
        opened=1,
        machine_opened=2,
        clicked=1,
        machine_clicked=1,
        unsubscribed=1,
        complained=1,
        converted=1,
        orders=2,
        revenue=Decimal(42),
    )
    assert [(reason, n) for reason, _, n in found.skipped] == [("holdout", 2), ("no_consent", 1)]
    assert (found.counts.delivered, found.counts.got_nothing) == (9, 3)
    assert found.counts.click_rate == Rate(1, 9)


def test_the_interval_is_wilsons() -> None:
    """Newcombe (1998), table I: 81 of 263, 15 of 148 and 0 of 20."""
    for part, whole, low, high in ((81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611)):
        interval = Rate(part, whole).interval
        assert interval == pytest.approx((low, high), abs=5e-5)
    assert Rate(0, 0).interval is None and Rate(0, 0).share is None


def test_discounts_are_off_the_revenue_already_and_are_put_in_all_the_same() -> None:
    campaign = a_campaign(cost=Decimal(50), message_cost=Decimal("0.015"))
    mails = several(campaign, 10, first=1)
    redeemed(mails[0], 10)
    redeemed(mails[1], 7, is_taken_back=True)
    redeemed(mails[2], None)
    converted(mails[0], 180)
    money = results_of(campaign).money
    assert (money.messages, money.discounts, money.cost) == (Decimal("0.15"), Decimal(10), Decimal("50.15"))
    assert money.profit == Decimal("129.85") and money.per_recipient == 18
    assert money.roi == Decimal("129.85") / Decimal("60.15")
    assert money.remarks == ["1 order does not say what the offer took off: it is left out of the discounts."]


def test_what_cannot_be_told_is_said() -> None:
    money = results_of(a_campaign()).money
    assert (money.profit, money.roi, money.per_recipient) == (None, None, None)
    assert [text.partition(",")[0] for text in money.remarks] == [
        "Nothing was delivered",
        "Nobody has said what it cost",
    ]
    given = replace(money, revenue=Decimal(90), discounts=Decimal(10), delivered=1)
    assert (given.profit, given.roi) == (None, None), "discounts alone are no cost"
    assert [text.partition(",")[0] for text in given.remarks] == ["Nobody has said what it cost"]
    gift = replace(given, making=Decimal(0), messages=Decimal(0))
    assert (gift.profit, gift.roi, gift.remarks) == (Decimal(90), Decimal(9), [])
    free = results_of(a_campaign("free", cost=Decimal(0), message_cost=Decimal(0))).money
    assert (free.profit, free.roi) == (Decimal(0), None) and "It cost nothing" in " ".join(free.remarks)


def test_by_variant_hour_and_occurrence() -> None:
    campaign = a_campaign(timing="best_hour", kind="recurring")
    for number, name in ((1, "Short"), (2, "Long")):
        Variant.objects.create(campaign=campaign, number=number, name=name)
    first = several(campaign, 3, first=1, variant=1, arm="best", occurrence="a", due_at=ago(days=2))
    second = several(campaign, 2, first=1, variant=2, arm="fixed", occurrence="b", due_at=ago(days=1))
    converted(first[0], 5)
    converted(second[0], 7)
    found = results_of(campaign)
    assert [(one.name, one.counts.sent, one.counts.revenue) for one in found.variants] == [
        ("Short", 3, Decimal(5)),
        ("Long", 2, Decimal(7)),
    ]
    assert {one.key: one.counts.revenue for one in found.arms} == {"best": 5, "fixed": 7}
    assert [(one.key, one.at, one.counts.sent) for one in found.occurrences] == [
        ("b", ago(days=1), 2),
        ("a", ago(days=2), 3),
    ]


def test_by_block_and_branch() -> None:
    campaign = a_campaign(content=CONTENT)
    hot = several(campaign, 4, first=1, branches={"subject": 0, "hot": 0})
    cold = several(campaign, 6, first=11, branches={"subject": 1, "hot": 1})
    hit(hot[0], block="hot")
    hit(hot[0], block="hot")
    hit(hot[1], block="foot")
    hit(hot[2], block="hot", verdict="machine")
    hit(cold[0], block="cold")
    converted(cold[0], 20)
    found = blocks_of(campaign)
    said = {one.key: [(b.got, b.clicked, b.converted, b.revenue) for b in one.branches] for one in found.partings}
    others = (6, 1, 1, Decimal(20))
    assert said == {"subject": [(4, 2, 0, NOTHING), others], "hot": [(4, 1, 0, NOTHING), others]}
    assert [branch.words for branch in found.partings[1].branches][1] == "Everybody else"
    assert {one.label: one.clicked for one in found.blocks} == {
        "Hot": Rate(1, 10),
        "Cold": Rate(1, 10),
        "Footer": Rate(1, 10),
    }


def test_by_segment_of_now() -> None:
    campaign = a_campaign()
    mails = several(campaign, 4, first=1)
    segment = a_segment(event(VIEW))
    Membership.objects.create(segment_id=segment.pk, profile_id=2, entered_at=NOW)
    Membership.objects.create(segment_id=segment.pk, profile_id=99, entered_at=NOW)
    converted(mails[0], 5)
    converted(mails[1], 9)
    (found,) = by_segment(campaign, [segment])
    assert (found.counts.sent, found.counts.converted, found.counts.revenue) == (1, 1, Decimal(9))


def test_over_time_by_hour_and_by_day() -> None:
    campaign = a_campaign()
    mails = several(campaign, 3, first=1)
    Delivery.objects.filter(ref=mails[0].ref).update(clicked_at=SENT + timedelta(hours=5))
    converted(mails[0], 11, at=SENT + timedelta(days=2))
    days = charts_of(campaign, span_of(campaign, unit="day", now=NOW, zone=UTC), currency="EUR")
    by_name = {series["name"]: series["data"] for chart in days for series in chart["series"]}
    assert len(days[0]["x"]) == 32
    assert (by_name["Sent"][0], by_name["Clicked"][0], by_name["Revenue"][:3]) == (3, 1, [0, 0, 11])
    hours = charts_of(campaign, span_of(campaign, unit="hour", now=NOW, zone=UTC), currency="EUR")
    clicks = next(one["data"] for one in hours[1]["series"] if one["name"] == "Clicked")
    assert (len(clicks), clicks.index(1)) == (72, 5)


def test_over_all_of_the_days_of_sending() -> None:
    one, two = a_campaign("one"), a_campaign("two")
    mails = several(one, 4, first=1) + several(two, 1, first=1)
    several(two, 5, first=20, settled_at=ago(days=60))
    converted(mails[0], 10)
    converted(mails[4], 25)
    Delivery.objects.filter(ref=mails[1].ref).update(complained_at=NOW)
    days = Days(ago(days=40).date(), NOW.date(), UTC)
    found = over_all(days, sort="revenue")
    assert [(line.campaign.name, line.counts.sent, line.counts.revenue) for line in found.lines] == [
        ("two", 1, Decimal(25)),
        ("one", 4, Decimal(10)),
    ]
    assert (found.total.sent, found.total.orders, found.total.revenue) == (5, 2, Decimal(35))
    assert [line.complaints for line in found.lines] == ["fine", "bad"]
    assert [line.campaign.name for line in over_all(days, sort="sent").lines] == ["one", "two"]
    assert [standing(Rate(n, 10_000)) for n in (0, 9, 10, 29, 30)] == ["fine", "fine", "watch", "watch", "bad"]
