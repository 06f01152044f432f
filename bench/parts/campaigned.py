"""Twenty campaigns of the small shop: written, started and sent by the product to the local mailbox, then moved into
the past, opened, clicked and led back to orders."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

CAMPAIGNS, TO_ALL, TESTED, TRIGGERED = 20, 2, 5, 3
SMALL = 0.12
"""Of everybody: about so many of whom each of the others goes to."""
ROUNDS = 400


def campaigns(*, now: datetime) -> None:
    from django.db import connection

    from campaigns import tasks, verbs
    from campaigns.first import NAME
    from campaigns.models import Campaign, Delivery
    from cdp.common.clock import deployment_zone

    first = Campaign.objects.get(name=NAME)
    audiences = _audiences()
    made = []
    for number in range(CAMPAIGNS):
        one = verbs.copy(first, by=None, now=now)
        one.name, one.keeps_quiet, one.is_capped = f"Campaign {number + 1}", False, False
        one.holdout_percent = 10 if number % 4 == 0 else 0
        one.save()
        one.included.set([audiences[number]])
        if number < TESTED:
            _vary(one)
        verbs.start(one, by=None, now=now, zone=deployment_zone())
        made.append(one)
    for _ in range(ROUNDS):
        tasks.plan_due()
        tasks.send()
        if not Delivery.objects.filter(state=Delivery.State.PLANNED).exists():
            break
    with connection.cursor() as cursor:
        for number, one in enumerate(made):
            _into_the_past(cursor, one, now - timedelta(days=3 + 5 * number))
        cursor.execute(HITS, {"now": now})
        for number, one in enumerate(made[-TRIGGERED:]):
            _as_triggered(cursor, one, number)
    tasks.read_conversions_again()
    tasks.read_conversions()


def _audiences() -> Sequence[Any]:
    """Two large ones, the others small."""
    from cdp.profiles.models import Profile
    from segments.models import Segment

    segments = list(Segment.objects.order_by("-size"))
    most = SMALL * Profile.objects.filter(merged_into=None).count()
    small = [one for one in segments if 0 < one.size <= most] or segments[-1:]
    return segments[:TO_ALL] + [small[number % len(small)] for number in range(CAMPAIGNS)]


def _vary(campaign: Any) -> None:
    from campaigns.models import Campaign

    for number, name in enumerate(("As it is", "A shorter subject", "Another sender"), start=1):
        campaign.variants.create(number=number, name=name, weight=1)
    Campaign.objects.filter(pk=campaign.pk).update(decides_on="clicks", test_percent=100)


def _into_the_past(cursor: Any, campaign: Any, at: datetime) -> None:
    from campaigns.models import Campaign, Decision

    values = {"campaign": campaign.pk, "at": at}
    Campaign.objects.filter(pk=campaign.pk).update(started_at=at, finished_at=at, created_at=at, state="sent")
    for statement in PAST:
        cursor.execute(statement, values)
    if campaign.variants.exists() and campaign.pk % 2:
        Campaign.objects.filter(pk=campaign.pk).update(winner=2)
        Decision.objects.create(
            campaign=campaign, number=2, decides_on="clicks", counts={"1": [900, 80], "2": [910, 120], "3": [905, 90]},
            chance=0.97, is_certain=True, waiting=0, at=at + timedelta(days=1),
        )  # fmt: skip


def _as_triggered(cursor: Any, campaign: Any, number: int) -> None:
    from campaigns.models import Campaign, Listening

    kind = Campaign.Kind.RECURRING if number == 0 else Campaign.Kind.TRIGGERED
    trigger = {"kind": "event", "name": "Order Completed"} if number else {}
    Campaign.objects.filter(pk=campaign.pk).update(kind=kind, trigger=trigger, state="sending", finished_at=None,
                                                   cron="" if number else "0 9 * * 1")  # fmt: skip
    if number:
        Listening.objects.create(campaign=campaign, since=campaign.created_at, xact_id=0, is_caught_up=True)
        cursor.execute(STARTED, [campaign.pk])


PAST = (
    "update campaigns_delivery set planned_at = %(at)s, due_at = %(at)s,"
    " claimed_at = claimed_at + (%(at)s - planned_at),"
    " settled_at = %(at)s::timestamptz + random() * interval '2 hours',"
    " delivered_at = delivered_at + (%(at)s - planned_at) where campaign_id = %(campaign)s",
    "update campaigns_delivery set opened_at = case when random() < 0.4 then settled_at + random() ^ 3 * interval"
    " '5 days' end, machine_opened_at = case when random() < 0.3 then settled_at + interval '1 minute' end,"
    " bounced_at = case when random() < 0.01 then settled_at + interval '1 minute' end,"
    " unsubscribed_at = case when random() < 0.004 then settled_at + interval '1 hour' end"
    " where campaign_id = %(campaign)s and state = 'accepted'",
    "update campaigns_delivery set clicked_at = opened_at + random() * interval '1 hour'"
    " where campaign_id = %(campaign)s and opened_at is not null and random() < 0.35",
    "update campaigns_mailboxmessage m set at = d.settled_at from campaigns_delivery d"
    " where m.ref = d.ref and m.campaign_id = %(campaign)s",
)
HITS = (
    "insert into campaigns_hit (profile_id, id, campaign_id, ref, record_id, kind, target, block, at, agent, place,"
    " signs, verdict, why, is_waiting, told)"
    " select d.profile_id, gen_random_uuid(), d.campaign_id, d.ref, d.record_id, h.kind,"
    " case h.kind when 'click' then 'https://shop.example/page/' || abs(hashtext(d.ref::text)) %% 12 else '' end,"
    " case h.kind when 'click' then blocks[1 + abs(hashtext(d.ref::text)) %% cardinality(blocks)] else '' end,"
    " h.at, 'Mozilla/5.0', 'p' || abs(hashtext(d.ref::text)) %% 90000, '', h.verdict,"
    " case h.verdict when 'machine' then 'prefetch' else '' end, false, h.verdict"
    " from campaigns_delivery d join campaigns_campaign c on c.id = d.campaign_id"
    " join (select id, array(select jsonb_path_query(content, '$.blocks[*].id') #>> '{}') blocks"
    " from campaigns_template) t on t.id = c.template_id cross join lateral (values ('open', d.opened_at, 'human'),"
    " ('open', d.machine_opened_at, 'machine'), ('click', d.clicked_at, 'human')) h (kind, at, verdict)"
    " where h.at is not null"
)
STARTED = (
    "insert into campaigns_triggered (campaign_id, occurrence, profile_id, record_id, outcome, at, noted_at)"
    " select campaign_id, 'event:' || profile_id, profile_id, record_id, 'started', planned_at, planned_at"
    " from campaigns_delivery where campaign_id = %s"
)
