"""Moves of the ledger: planned → claimed → handing → accepted, failed or unknown; or skipped."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet

from campaigns.channels.base import Accepted, Receipt
from campaigns.models import Campaign, Delivery
from campaigns.occurrences import is_planned

LEASE = timedelta(minutes=5)
CLAIM_LOCK = 7_305_020
State = Delivery.State


@dataclass(frozen=True)
class Claim:
    """Rows leased together. Whoever holds an older fence than a row has can no longer write it."""

    campaign: Campaign
    fence: int
    deliveries: tuple[Delivery, ...]

    def held(self, deliveries: Sequence[Delivery], state: str) -> QuerySet[Delivery]:
        """By ref: meanwhile a merge may have moved rows to another profile."""
        return Delivery.objects.filter(
            campaign_id=self.campaign.pk, ref__in=[one.ref for one in deliveries], fence=self.fence, state=state
        )


def claim(campaign: Campaign, *, limit: int, now: datetime) -> Claim:
    """The next planned rows, leased. Claims of one campaign queue up for the few milliseconds this takes:
    SKIP LOCKED does not run over a distributed table."""
    rows = Delivery.objects.filter(campaign_id=campaign.pk)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(%s, %s), pg_current_xact_id()::text::bigint",
            [CLAIM_LOCK, campaign.pk % 2**31],
        )
        fence = cursor.fetchone()[1]
        _settle_expired(rows, now=now)
        planned = tuple(rows.filter(state=State.PLANNED).order_by("profile_id")[:limit])
        rows.filter(state=State.PLANNED, profile_id__in=[one.profile_id for one in planned]).update(
            state=State.CLAIMED, fence=fence, lease_until=now + LEASE
        )
    return Claim(campaign, fence, planned)


def skip(
    claimed: Claim, deliveries: Sequence[Delivery], *, reason: Delivery.Reason, now: datetime, why: str = ""
) -> None:
    """`why` says more than the reason."""
    if deliveries:
        claimed.held(deliveries, State.CLAIMED).update(
            state=State.SKIPPED, reason=reason, error=why[:1000], settled_at=now, lease_until=None
        )


def begin_handing(claimed: Claim, deliveries: Sequence[Delivery]) -> set[UUID]:
    """Committed before the first byte leaves. Returns those that are still ours."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update campaigns_delivery d set state = %s, branches = n.branches, record_id = n.record_id"
            " from unnest(%s::uuid[], %s::jsonb[], %s::bigint[]) n(ref, branches, record_id)"
            " where d.ref = n.ref and d.campaign_id = %s and d.fence = %s and d.state = %s"
            " returning d.ref",
            [
                State.HANDING,
                [str(one.ref) for one in deliveries],
                [json.dumps(one.branches) for one in deliveries],
                [one.record_id for one in deliveries],
                claimed.campaign.pk,
                claimed.fence,
                State.CLAIMED,
            ],
        )
        return {row[0] for row in cursor.fetchall()}


def settle(
    claimed: Claim, deliveries: Sequence[Delivery], *, receipts: Mapping[UUID, Receipt], now: datetime
) -> list[Delivery]:
    """Writes what became of each; those without a receipt are unknown. Returns the accepted. In the caller's
    transaction, so that the events about them commit with it."""
    outcomes: dict[tuple[str, str], list[Delivery]] = {}
    for one in deliveries:
        outcomes.setdefault(_outcome(receipts.get(one.ref)), []).append(one)
    for (state, error), settled in outcomes.items():
        claimed.held(settled, State.HANDING).update(state=state, error=error, settled_at=now, lease_until=None)
    return outcomes.get((State.ACCEPTED, ""), [])


def is_finished(campaign: Campaign) -> bool:
    if not is_planned(campaign):
        return False
    open_states = (State.PLANNED, State.CLAIMED, State.HANDING)
    return not Delivery.objects.filter(campaign_id=campaign.pk, state__in=open_states).exists()


def _outcome(receipt: Receipt | None) -> tuple[str, str]:
    if receipt is None:
        return State.UNKNOWN, "The channel did not say whether it took the message."
    return (State.ACCEPTED, "") if isinstance(receipt, Accepted) else (State.FAILED, receipt.why[:1000])


def _settle_expired(rows: QuerySet[Delivery], *, now: datetime) -> None:
    """What was only prepared is prepared anew; what was being handed over may have gone out: never again."""
    expired = rows.filter(lease_until__lt=now)
    expired.filter(state=State.CLAIMED).update(state=State.PLANNED, lease_until=None)
    expired.filter(state=State.HANDING).update(
        state=State.UNKNOWN, error="The worker died while handing it over.", settled_at=now, lease_until=None
    )
