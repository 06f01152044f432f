"""Moves of the ledger: planned → claimed → handing → accepted, failed or unknown; or skipped; or planned for later.

A row that may go out takes its slot (`claimed_at`): from then on it counts under the frequency caps; where there are
none, as it is handed over. What is found out of it meanwhile (its address, its record, its branches) is written then.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet

from campaigns.channels.base import Accepted, Deferred, Receipt
from campaigns.models import Campaign, Delivery
from campaigns.occurrences import is_planned
from campaigns.webhooks.happened import note_failed
from cdp.common import tally
from cdp.common.claims import give_back_when_idle
from cdp.common.copying import Cursor, numbers, texts

LEASE = timedelta(minutes=5)
CLAIM_LOCK = 7_305_020
MOST_TRIES = 12
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=4)
"""Between tries of what a channel does not take yet: each pause is twice as long as the one before; a day in all."""
State, Reason = Delivery.State, Delivery.Reason
COLUMNS = (
    *("profile_id", "campaign_id", "occurrence", "ref", "address", "record_id", "variant"),
    *("context", "tries", "planned_at", "due_at", "fence", "state"),
)
"""What sending needs of a row: the others are as many again, and empty."""


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


def claim(campaign: Campaign, *, limit: int, now: datetime, lease: timedelta = LEASE) -> Claim:
    """The next rows that are due, leased; none once the campaign is no longer being sent. Claims of one campaign queue
    up for the few milliseconds this takes: SKIP LOCKED does not run over a distributed table."""
    rows = Delivery.objects.filter(campaign_id=campaign.pk)
    with transaction.atomic(), connection.cursor() as cursor:
        give_back_when_idle(cursor)
        cursor.execute(
            "select pg_advisory_xact_lock(%s, %s), pg_current_xact_id()::text::bigint",
            [CLAIM_LOCK, campaign.pk % 2**31],
        )
        fence = cursor.fetchone()[1]
        recover([campaign.pk], now=now)
        if not Campaign.objects.filter(pk=campaign.pk, state=Campaign.State.SENDING).exists():
            return Claim(campaign, fence, ())
        due = rows.filter(state=State.PLANNED, due_at__lte=now).order_by("due_at").only(*COLUMNS)
        planned = tuple(due[:limit])
        if planned:
            cursor.execute(
                "update campaigns_delivery set state = %s, fence = %s, lease_until = %s"
                " where campaign_id = %s and state = %s and profile_id = any(%s::bigint[]) and ref = any(%s::uuid[])",
                [
                    *(State.CLAIMED, fence, now + lease, campaign.pk, State.PLANNED),
                    *(numbers(one.profile_id for one in planned), refs(planned)),
                ],
            )
    return Claim(campaign, fence, planned)


def recover(campaign_ids: Sequence[int], *, now: datetime) -> None:
    """What was only prepared by who died is prepared anew; what was being handed over may have gone out."""
    expired = Delivery.objects.filter(campaign_id__in=campaign_ids, lease_until__lt=now)
    expired.filter(state=State.CLAIMED).update(state=State.PLANNED, lease_until=None, claimed_at=None)
    expired.filter(state=State.HANDING).update(
        state=State.UNKNOWN, error="The worker died while handing it over.", settled_at=now, lease_until=None
    )


def skip(
    claimed: Claim,
    deliveries: Sequence[Delivery],
    *,
    reason: Delivery.Reason,
    now: datetime,
    why: str = "",
    rival_id: int | None = None,
) -> None:
    """`why` says more than the reason; `rival_id` is the campaign that outranked it."""
    if deliveries:
        n = claimed.held(deliveries, State.CLAIMED).update(
            state=State.SKIPPED,
            reason=reason,
            rival_id=rival_id,
            error=why[:1000],
            settled_at=now,
            lease_until=None,
            claimed_at=None,
        )
        _count(claimed, State.SKIPPED, n)


def put_off(claimed: Claim, later: Mapping[UUID, datetime]) -> None:
    """Back to planned, each until its time; its slot is free."""
    if later:
        with connection.cursor() as cursor:
            cursor.execute(
                "update campaigns_delivery d set state = %s, due_at = n.at, lease_until = null, claimed_at = null"
                " from unnest(%s::uuid[], %s::timestamptz[]) n(ref, at)"
                " where d.ref = n.ref and d.campaign_id = %s and d.fence = %s and d.state = %s",
                [
                    *(State.PLANNED, list(map(str, later)), list(later.values())),
                    *(claimed.campaign.pk, claimed.fence, State.CLAIMED),
                ],
            )


def give_back(claimed: Claim, deliveries: Sequence[Delivery], *, now: datetime) -> None:
    """Of a campaign that was stopped in the middle: planned again, or skipped if it was cancelled."""
    state = Campaign.objects.filter(pk=claimed.campaign.pk).values_list("state", flat=True).first()
    if state == Campaign.State.CANCELLED:
        skip(claimed, deliveries, reason=Reason.CANCELLED, now=now)
    elif deliveries:
        claimed.held(deliveries, State.CLAIMED).update(state=State.PLANNED, lease_until=None, claimed_at=None)


def take_slots(claimed: Claim, deliveries: Sequence[Delivery], *, now: datetime) -> set[UUID]:
    """From now on they count under the caps. In the caller's transaction. Returns those that are still ours."""
    with connection.cursor() as cursor:
        return _write(
            cursor,
            f"update campaigns_delivery d set claimed_at = %s {_HELD} returning d.ref",
            [now, refs(deliveries), claimed.campaign.pk, claimed.fence, State.CLAIMED],
        )


def begin_handing(
    claimed: Claim, deliveries: Sequence[Delivery], *, now: datetime | None = None, lease: timedelta = LEASE
) -> set[UUID]:
    """Committed before the first byte leaves. Returns those that are still ours; none once the campaign was stopped.
    From `now` the lease runs anew, and who needed no slot has one."""
    with connection.cursor() as cursor:
        return _write(
            cursor,
            "update campaigns_delivery d set state = %s, address = n.address, branches = n.branches,"
            " record_id = n.record_id, lease_until = coalesce(%s, d.lease_until),"
            " claimed_at = coalesce(d.claimed_at, %s)"
            " from unnest(%s::uuid[], %s::text[], %s::jsonb[], %s::bigint[]) n(ref, address, branches, record_id)"
            " where d.ref = n.ref and d.campaign_id = %s and d.fence = %s and d.state = %s"
            " and exists (select from campaigns_campaign c where c.id = %s and c.state = %s)"
            " returning d.ref",
            [
                *(State.HANDING, now and now + lease, now, refs(deliveries)),
                texts([one.address for one in deliveries]),
                texts(_as_json([one.branches for one in deliveries])),
                [one.record_id for one in deliveries],
                *(claimed.campaign.pk, claimed.fence, State.CLAIMED),
                *(claimed.campaign.pk, Campaign.State.SENDING),
            ],
        )


def settle(
    claimed: Claim, deliveries: Sequence[Delivery], *, receipts: Mapping[UUID, Receipt], now: datetime
) -> list[Delivery]:
    """Writes what became of each; those without a receipt are unknown. Returns the accepted that were still ours. In
    the caller's transaction, so that the events about them commit with it."""
    outcomes: dict[tuple[str, str], list[Delivery]] = {}
    for one in deliveries:
        outcomes.setdefault(_outcome(receipts.get(one.ref), tries=one.tries), []).append(one)
    accepted: set[UUID] = set()
    with connection.cursor() as cursor:
        for (state, error), settled in outcomes.items():
            ours: list[Any] = [refs(settled), claimed.campaign.pk, claimed.fence, State.HANDING]
            if state == State.PLANNED:
                pauses: list[Any] = [FIRST_PAUSE, LONGEST_PAUSE]
                cursor.execute(f"{_TRY_LATER} {_HELD}", [state, now, *pauses, error, *ours])
            else:
                found = _write(cursor, f"{_SETTLE} {_HELD} returning d.ref", [state, error, now, *ours])
                _count(claimed, state, len(found))
                accepted |= found if state == State.ACCEPTED else set()
                if state == State.FAILED:
                    note_failed(cursor, [one for one in settled if one.ref in found], why=error, now=now)
    return [one for one in deliveries if one.ref in accepted]


def _count(claimed: Claim, outcome: str, n: int) -> None:
    """For the metrics; what is rolled back did not happen."""

    def add() -> None:
        tally.add("deliveries", str(outcome), n=n)
        if outcome == State.ACCEPTED:
            tally.add("mails", str(claimed.campaign.account_id or ""), n=n)

    if n:
        transaction.on_commit(add)


_HELD = "where d.ref = any(%s::uuid[]) and d.campaign_id = %s and d.fence = %s and d.state = %s"
_SETTLE = "update campaigns_delivery d set state = %s, error = %s, settled_at = %s, lease_until = null"
_TRY_LATER = (
    "update campaigns_delivery d set state = %s, due_at = %s + least(%s * 2 ^ d.tries, %s), tries = d.tries + 1,"
    " error = %s, lease_until = null, claimed_at = null"
)


def is_finished(campaign: Campaign) -> bool:
    if not is_planned(campaign):
        return False
    open_states = (State.PLANNED, State.CLAIMED, State.HANDING)
    return not Delivery.objects.filter(campaign_id=campaign.pk, state__in=open_states).exists()


def refs(deliveries: Sequence[Delivery]) -> str:
    """As an array literal: binding hundreds of values one by one costs more than the statement."""
    return "{" + ",".join([one.ref.hex for one in deliveries]) + "}"


def _as_json(branches: Sequence[dict[str, int]]) -> list[str]:
    """Few patterns are those of all: each is written once."""
    made: dict[int, str] = {}
    return [made.get(id(one)) or made.setdefault(id(one), json.dumps(one)) for one in branches]


def _write(cursor: Cursor, sql: str, values: Sequence[Any]) -> set[UUID]:
    cursor.execute(sql, values)
    return {row[0] for row in cursor.fetchall()}


def _outcome(receipt: Receipt | None, *, tries: int) -> tuple[str, str]:
    if receipt is None:
        return State.UNKNOWN, "The channel did not say whether it took the message."
    if isinstance(receipt, Accepted):
        return State.ACCEPTED, ""
    is_over = not isinstance(receipt, Deferred) or tries >= MOST_TRIES
    return State.FAILED if is_over else State.PLANNED, receipt.why[:1000]
