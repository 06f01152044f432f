"""Sends what is due of a campaign: claim, check, make mails in bulk, hand over, settle. Nobody gets it twice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from campaigns import ledger
from campaigns.audience import plan_survivors
from campaigns.channels.base import Channel, Message
from campaigns.content.compose import About, Made, Press, Recipient, compose, press_for
from campaigns.echo import tell
from campaigns.ledger import Claim
from campaigns.library.versions import modules_of_version
from campaigns.mime import mime
from campaigns.models import Campaign, Delivery
from campaigns.permitted import NAMESPACE, refusals
from cdp.profiles.models import Identifier, Profile

BATCH = 500
Reason = Delivery.Reason


@dataclass(frozen=True)
class Sending:
    """A campaign under way: what its mails are made with, and what takes them."""

    campaign: Campaign
    press: Press
    channel: Channel


def sending_of(campaign: Campaign, *, channel: Channel, base_url: str, zone: ZoneInfo, now: datetime) -> Sending:
    """With the content as it was when the campaign was started."""
    version = campaign.version
    about = About(base_url, zone, campaign=campaign.name)
    press = press_for(
        version.content if version else campaign.template.content,
        about=about,
        now=now,
        modules=modules_of_version(version) if version else None,
    )
    return Sending(campaign, press, channel)


def send_batch(sending: Sending, *, now: datetime) -> int:
    """One claim through to its receipts. Returns how many rows were claimed; 0 means nothing is left."""
    claimed = ledger.claim(sending.campaign, limit=BATCH, now=now)
    if claimed.deliveries:
        allowed = _allowed(claimed, now=now)
        messages = _messages(sending, claimed, allowed, now=now)
        _hand(sending.channel, claimed, [one for one in allowed if one.ref in messages], messages, now=now)
    return len(claimed.deliveries)


def finish(campaign: Campaign, *, now: datetime) -> None:
    if ledger.is_finished(campaign):
        Campaign.objects.filter(pk=campaign.pk, state=Campaign.State.SENDING).update(
            state=Campaign.State.SENT, finished_at=now
        )


def _allowed(claimed: Claim, *, now: datetime) -> list[Delivery]:
    ids = [one.profile_id for one in claimed.deliveries]
    alive = set(Profile.objects.filter(pk__in=ids, merged_into=None).values_list("pk", flat=True))
    refused = refusals(claimed.campaign, claimed.deliveries)
    skipped: dict[Reason, list[Delivery]] = {}
    allowed = []
    for one in claimed.deliveries:
        if one.profile_id not in alive:
            skipped.setdefault(Reason.MERGED, []).append(one)
        elif reason := refused.get(one.address):
            skipped.setdefault(reason, []).append(one)
        else:
            allowed.append(one)
    with transaction.atomic():
        if merged := skipped.get(Reason.MERGED):
            plan_survivors(claimed.campaign, merged, now=now)
        for reason, deliveries in skipped.items():
            ledger.skip(claimed, deliveries, reason=reason, now=now)
    _note_records(allowed)
    return allowed


def _note_records(deliveries: Sequence[Delivery]) -> None:
    edges = Identifier.objects.naming().filter(namespace=NAMESPACE, value__in=[one.address for one in deliveries])
    records = {
        (profile_id, value): record_id
        for profile_id, value, record_id in edges.order_by("-record_id").values_list("profile_id", "value", "record_id")
    }
    for one in deliveries:
        one.record_id = records.get((one.profile_id, one.address))


def _messages(
    sending: Sending, claimed: Claim, deliveries: Sequence[Delivery], *, now: datetime
) -> dict[UUID, Message]:
    """By delivery. What cannot be made for somebody is skipped for that person alone, and says why."""
    by_ref = {one.ref: one for one in deliveries}
    recipients = [Recipient(one.profile_id, one.ref, one.address, one.record_id) for one in deliveries]
    messages: dict[UUID, Message] = {}
    failed: dict[str, list[Delivery]] = {}
    for made in compose(sending.press, recipients, now=now, rehearsal=False):
        delivery = by_ref[made.recipient.ref]
        if isinstance(made, Made):
            delivery.branches = dict(made.rendered.branches)
            messages[delivery.ref] = _message(sending, made, now=now)
        else:
            failed.setdefault(made.why, []).append(delivery)
    for why, some in failed.items():
        ledger.skip(claimed, some, reason=Reason.CONTENT, why=why, now=now)
    return messages


def _message(sending: Sending, made: Made, *, now: datetime) -> Message:
    to = made.recipient
    source = mime(
        made.rendered,
        ref=to.ref,
        sender=sending.campaign.sender,
        recipient=to.address,
        unsubscribe_url=sending.press.addresses.unsubscribe(to.ref),
        now=now,
    )
    return Message(to.ref, to.profile_id, to.record_id, to.address, made.rendered.subject, source, sending.campaign.pk)


def _hand(
    channel: Channel, claimed: Claim, deliveries: Sequence[Delivery], messages: Mapping[UUID, Message], *, now: datetime
) -> None:
    ours = ledger.begin_handing(claimed, deliveries)
    receipts = channel.hand([messages[ref] for ref in ours], now=now)
    with transaction.atomic():
        held = [one for one in deliveries if one.ref in ours]
        accepted = ledger.settle(claimed, held, receipts=receipts, now=now)
        tell("Email Delivered", accepted, campaign=claimed.campaign, now=now)
