"""What is left of a campaign that ends: who waits for a cancelled one gets nothing; one that is over is sent."""

from datetime import datetime

from django.db import connection
from django.db.models import Q

from campaigns import ledger
from campaigns.models import Campaign, Delivery

AT_ONCE = 20_000
State, Kind = Campaign.State, Campaign.Kind
_SKIP = """
update campaigns_delivery set state = %(skipped)s, reason = %(reason)s, settled_at = %(now)s, lease_until = null
 where (profile_id, campaign_id, occurrence) in (
   select profile_id, campaign_id, occurrence from campaigns_delivery
    where campaign_id = %(campaign)s
      and (state = %(planned)s or (state = %(claimed)s and lease_until < %(now)s)) limit %(most)s)
"""


def unswept() -> list[int]:
    """Cancelled campaigns of which somebody may still wait."""
    return list(Campaign.objects.filter(state=State.CANCELLED, finished_at=None).values_list("pk", flat=True))


def sweep(campaign_id: int, *, now: datetime) -> int:
    """Returns how many were skipped. Messages that are being handed over go out; their workers say so."""
    with connection.cursor() as cursor:
        cursor.execute(
            _SKIP,
            {
                "skipped": Delivery.State.SKIPPED,
                "reason": Delivery.Reason.CANCELLED,
                "planned": Delivery.State.PLANNED,
                "claimed": Delivery.State.CLAIMED,
                "campaign": campaign_id,
                "now": now,
                "most": AT_ONCE,
            },
        )
        n = int(cursor.rowcount)
    if n < AT_ONCE and ledger.is_finished(Campaign.objects.get(pk=campaign_id)):
        Campaign.objects.filter(pk=campaign_id, state=State.CANCELLED).update(finished_at=now)
    return n


def end_over(*, now: datetime) -> None:
    """Recurring ones without a next time, and triggered ones past their end, are sent once nobody waits."""
    has_no_next = Q(kind=Kind.RECURRING, next_at=None)
    is_past = Q(kind=Kind.TRIGGERED, ends_at__lte=now)
    for campaign in Campaign.objects.filter(has_no_next | is_past, state=State.SENDING):
        if ledger.is_finished(campaign):
            rows = Campaign.objects.filter(pk=campaign.pk, state=State.SENDING)
            rows.update(state=State.SENT, finished_at=now)
