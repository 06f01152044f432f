"""Sends what is due of a campaign: claim, check, make mails in bulk, hand over, settle. Nobody gets it twice.

A batch is claimed together and handed over in lots. That a lot is about to leave is committed before it does; so after
a crash at most one lot of a worker is in doubt. What became of it is written together with the beginning of the next.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import OuterRef, Subquery

from campaigns import ledger, rates
from campaigns.channels.base import Channel, Failed, Message, Receipt
from campaigns.content.compose import Made, Recipient, compose
from campaigns.echo import tell
from campaigns.ledger import LEASE, Claim
from campaigns.mime import mime
from campaigns.models import Campaign, Delivery
from campaigns.permitted import who_left
from campaigns.send_checks import allowed
from campaigns.tracking.told import bounced
from campaigns.ways import Way, Ways, ways_of
from cdp.common.claims import give_back_when_idle

BATCH = 500
"""Claimed and asked about together."""
LOT = 100
"""Handed over together: what a crash leaves in doubt."""
Reason = Delivery.Reason
Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Sending:
    """A campaign under way. Nothing is compiled after this was made: keep it for many batches."""

    campaign: Campaign
    ways: Ways
    channel: Channel
    zone: ZoneInfo
    """Of people whose own is not known."""
    lease: timedelta = LEASE


class Letter(NamedTuple):
    delivery: Delivery
    message: Message


@dataclass(frozen=True)
class Lot:
    """What was handed over, and what the channel said."""

    deliveries: Sequence[Delivery] = ()
    receipts: Mapping[UUID, Receipt] = field(default_factory=dict)


def sending_of(
    campaign: Campaign, *, channel: Channel, base_url: str, zone: ZoneInfo, now: datetime, lease: timedelta = LEASE
) -> Sending:
    """With the content as it was when the campaign was started. Raises ContentError and Lost."""
    return Sending(campaign, ways_of(campaign, base_url=base_url, zone=zone, now=now), channel, zone, lease)


def send_batch(sending: Sending, *, now: datetime, clock: Clock | None = None) -> int:
    """One claim through to its receipts. Returns how many rows were claimed; 0 means that nothing is due, or that the
    rate of the account is used up. `clock` tells the time as it goes on; without it stands still."""
    tick = clock or (lambda: now)
    limit = rates.room(sending.campaign.account, most=BATCH, now=now)
    if not limit:
        return 0
    claimed = ledger.claim(sending.campaign, limit=limit, now=now, lease=sending.lease)
    if claimed.deliveries:
        deliveries = allowed(claimed, now=now, zone=sending.zone, namespace=sending.channel.namespace)
        _hand(sending, claimed, _letters(sending, claimed, deliveries, tick=tick), tick=tick)
    return len(claimed.deliveries)


def due_campaigns(*, now: datetime) -> list[Campaign]:
    """Those under way of which something is due: the highest priority first, then what has waited longest."""
    due = Delivery.objects.filter(campaign_id=OuterRef("pk"), state=Delivery.State.PLANNED, due_at__lte=now)
    return list(
        Campaign.objects.filter(state=Campaign.State.SENDING)
        .annotate(first_due_at=Subquery(due.order_by("due_at").values("due_at")[:1]))
        .filter(first_due_at__isnull=False)
        .select_related("template", "version", "topic__purpose", "purpose", "account")
        .order_by("-priority", "first_due_at", "pk")
    )


def finish_all(*, now: datetime) -> None:
    for campaign in Campaign.objects.filter(state=Campaign.State.SENDING, kind=Campaign.Kind.ONCE):
        finish(campaign, now=now)


def finish(campaign: Campaign, *, now: datetime) -> None:
    """A campaign that is sent once is over when nothing of it is left. One that comes again, or waits for what happens,
    ends by its verbs or its time (occurrences.py)."""
    if campaign.kind == Campaign.Kind.ONCE and ledger.is_finished(campaign):
        Campaign.objects.filter(pk=campaign.pk, state=Campaign.State.SENDING).update(
            state=Campaign.State.SENT, finished_at=now
        )


def _letters(sending: Sending, claimed: Claim, deliveries: Sequence[Delivery], *, tick: Clock) -> Iterator[Letter]:
    """Made as they are asked for. What cannot be made for somebody is skipped for that person alone, and says why."""
    by_way: dict[int, list[Delivery]] = {}
    for one in deliveries:
        by_way.setdefault(one.variant, []).append(one)
    failed: dict[str, list[Delivery]] = {}
    for number, some in by_way.items():
        way = sending.ways.get(number)
        if way is None:
            failed.setdefault("Its variant is gone.", []).extend(some)
            continue
        by_ref = {one.ref: one for one in some}
        recipients = [Recipient(one.profile_id, one.ref, one.address, one.record_id, one.context) for one in some]
        now = tick()
        for done in compose(way.press, recipients, now=now, rehearsal=False):
            delivery = by_ref[done.recipient.ref]
            if isinstance(done, Made):
                delivery.branches = done.rendered.branches
                yield Letter(delivery, _message(sending.campaign, way, done, now=now))
            else:
                failed.setdefault(done.why, []).append(delivery)
    for why, some in failed.items():
        ledger.skip(claimed, some, reason=Reason.CONTENT, why=why, now=tick())


def _message(campaign: Campaign, way: Way, done: Made, *, now: datetime) -> Message:
    to = done.recipient
    source = mime(
        done.rendered,
        ref=to.ref,
        sender=way.sender,
        recipient=to.address,
        unsubscribe_url=way.press.addresses.unsubscribe(to.ref),
        now=now,
    )
    return Message(to.ref, to.profile_id, to.record_id, to.address, done.rendered.subject, source, campaign.pk)


def _hand(sending: Sending, claimed: Claim, letters: Iterator[Letter], *, tick: Clock) -> None:
    last = Lot()
    while lot := list(islice(letters, LOT)):
        lot = _staying(claimed, lot, now=tick())
        if not lot:
            continue
        ours = _begin(sending, claimed, lot, last, tick=tick)
        mine = [one for one in lot if one.delivery.ref in ours]
        if len(mine) < len(lot):
            # The campaign was stopped, or somebody else has them because this took longer than the lease.
            ledger.give_back(claimed, claimed.deliveries, now=tick())
        last = Lot([one.delivery for one in mine])
        if not mine:
            break
        receipts = sending.channel.hand([one.message for one in mine], now=tick())
        last = Lot(last.deliveries, receipts)
    _settle(claimed, last, now=tick())


def _staying(claimed: Claim, lot: Sequence[Letter], *, now: datetime) -> list[Letter]:
    """Without those who left while their mails were made: what is handed over from now on nobody may get who left."""
    left = who_left(claimed.campaign, [one.delivery for one in lot])
    for reason in set(left.values()):
        gone = [one.delivery for one in lot if left.get(one.delivery.address) == reason]
        ledger.skip(claimed, gone, reason=reason, now=now)
    return [one for one in lot if one.delivery.address not in left]


def _begin(sending: Sending, claimed: Claim, lot: Sequence[Letter], last: Lot, *, tick: Clock) -> set[UUID]:
    """One commit for the end of a lot and the beginning of the next."""
    now = tick()
    with transaction.atomic(), connection.cursor() as cursor:
        give_back_when_idle(cursor)
        _settle(claimed, last, now=now)
        return ledger.begin_handing(claimed, [one.delivery for one in lot], now=now, lease=sending.lease)


def _settle(claimed: Claim, lot: Lot, *, now: datetime) -> None:
    if lot.deliveries:
        with transaction.atomic():
            accepted = ledger.settle(claimed, lot.deliveries, receipts=lot.receipts, now=now)
            tell("Email Delivered", accepted, campaign=claimed.campaign, now=now)
            for ref, receipt in lot.receipts.items():
                if isinstance(receipt, Failed) and receipt.is_bounce:
                    bounced(ref, is_hard=True, why=receipt.why, at=now)
