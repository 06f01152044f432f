"""What becomes of messages of which a crash left open whether they went out: named, left, or sent again once.

Sent again, a message is a row of its own beside the one in doubt, with a ref of its own: whatever is clicked is known
to belong to one of the two, and `is_second` tells that its person may have had it before.
"""

from datetime import datetime

from django.db import connection, transaction
from django.db.models import QuerySet

from campaigns import ledger
from campaigns.models import Campaign, Delivery, SendingPolicy

SECOND = "~again"
State, Verdict = Delivery.State, Delivery.Verdict
STOPPABLE = (Campaign.State.SENDING, Campaign.State.PAUSED, Campaign.State.CANCELLED)
REVIVED = (Campaign.State.SENDING, Campaign.State.PAUSED, Campaign.State.SENT)
"""Of whose campaigns a message may be sent again."""


def is_second(delivery: Delivery) -> bool:
    """It may be the second of its kind that the person got."""
    return delivery.occurrence.endswith(SECOND)


def recover(*, now: datetime) -> None:
    """What dead workers held, also of campaigns that were stopped meanwhile."""
    ledger.recover(list(Campaign.objects.filter(state__in=STOPPABLE).values_list("pk", flat=True)), now=now)
    cancelled = Campaign.objects.filter(state=Campaign.State.CANCELLED).values_list("pk", flat=True)
    Delivery.objects.filter(campaign_id__in=list(cancelled), state=State.PLANNED).update(
        state=State.SKIPPED, reason=Delivery.Reason.CANCELLED, settled_at=now
    )


def decide(policy: SendingPolicy, *, now: datetime) -> int:
    """As the policy says about those that nobody decided on. Returns how many are sent again."""
    if policy.unknown == SendingPolicy.Unknown.ASK:
        return 0
    if policy.unknown == SendingPolicy.Unknown.LEAVE:
        leave()
        return 0
    return send_again(now=now)


def leave(*, campaign_id: int | None = None) -> int:
    return _undecided(campaign_id).update(verdict=Verdict.LEFT)


def send_again(*, campaign_id: int | None = None, now: datetime) -> int:
    """Once: what is already a second is left, and so is what arrived after all. Returns how many are planned."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "with doubtful as (update campaigns_delivery set verdict = %(again)s"
            "  where state = %(unknown)s and verdict = ''"
            "  and (%(campaign)s::bigint is null or campaign_id = %(campaign)s)"
            "  and right(occurrence, length(%(second)s)) <> %(second)s"
            "  and coalesce(delivered_at, opened_at, machine_opened_at, clicked_at, machine_clicked_at, bounced_at,"
            "   unsubscribed_at, complained_at) is null"
            "  and campaign_id in (select id from campaigns_campaign where state = any(%(revived)s)) returning *),"
            " added as (insert into campaigns_delivery (profile_id, campaign_id, occurrence, ref, address, record_id,"
            "  state, reason, error, variant, arm, context, branches, fence, planned_at, due_at)"
            "  select profile_id, campaign_id, occurrence || %(second)s, gen_random_uuid(), address, record_id,"
            "  %(planned)s, '', '', variant, arm, context, '{}', 0, %(now)s, %(now)s from doubtful"
            "  on conflict do nothing returning campaign_id)"
            " select campaign_id, count(*) from added group by 1",
            {
                "again": Verdict.AGAIN,
                "unknown": State.UNKNOWN,
                "planned": State.PLANNED,
                "campaign": campaign_id,
                "second": SECOND,
                "revived": list(REVIVED),
                "now": now,
            },
        )
        added = dict(cursor.fetchall())
        Campaign.objects.filter(pk__in=added, state=Campaign.State.SENT).update(
            state=Campaign.State.SENDING, finished_at=None
        )
        leave(campaign_id=campaign_id)
    return sum(added.values())


def _undecided(campaign_id: int | None) -> QuerySet[Delivery]:
    rows = Delivery.objects.filter(state=State.UNKNOWN, verdict="")
    return rows if campaign_id is None else rows.filter(campaign_id=campaign_id)
