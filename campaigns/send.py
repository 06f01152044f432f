"""Sends what is due of a campaign: claim, check, render in bulk, hand over, settle. Nobody gets it twice."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from campaigns import ledger, links
from campaigns.audience import plan_survivors
from campaigns.channels.base import Channel, Message
from campaigns.content.compile import Compiled, compile_mail
from campaigns.content.read import read
from campaigns.content.render import Links, RenderError, render
from campaigns.echo import tell
from campaigns.ledger import Claim
from campaigns.mime import mime
from campaigns.models import Campaign, Delivery
from campaigns.permitted import NAMESPACE, refusals
from cdp.profiles.models import Identifier, Profile
from cdp.rules.kept_cuts import cuts_for
from cdp.rules.sets import matching
from cdp.rules.tree import Cut

BATCH = 500
Reason = Delivery.Reason


@dataclass(frozen=True)
class Press:
    """What a campaign's mails are made with."""

    campaign: Campaign
    compiled: Compiled
    channel: Channel
    base_url: str
    zone: ZoneInfo
    cuts: Mapping[str, Cut]
    """What the conditions compare with, the same for all mails of this turn."""


def press_of(campaign: Campaign, *, channel: Channel, base_url: str, zone: ZoneInfo, now: datetime) -> Press:
    compiled = compile_mail(read(campaign.template.content))
    cuts = {key: cut for rule in compiled.rules for key, cut in cuts_for(rule, now=now, zone=zone).items()}
    return Press(campaign, compiled, channel, base_url, zone, cuts)


def send_batch(press: Press, *, now: datetime) -> int:
    """One claim through to its receipts. Returns how many rows were claimed; 0 means nothing is left."""
    claimed = ledger.claim(press.campaign, limit=BATCH, now=now)
    if claimed.deliveries:
        ids = [one.profile_id for one in claimed.deliveries]
        profiles = {profile.pk: profile for profile in Profile.objects.filter(pk__in=ids)}
        allowed = _allowed(claimed, profiles, now=now)
        messages = {message.ref: message for message in _messages(press, allowed, profiles, now=now)}
        failed = [one for one in allowed if one.ref not in messages]
        ledger.skip(claimed, failed, reason=Reason.CONTENT, now=now)
        _hand(press.channel, claimed, [one for one in allowed if one.ref in messages], messages, now=now)
    return len(claimed.deliveries)


def finish(campaign: Campaign, *, now: datetime) -> None:
    if ledger.is_finished(campaign):
        Campaign.objects.filter(pk=campaign.pk, state=Campaign.State.SENDING).update(
            state=Campaign.State.SENT, finished_at=now
        )


def _allowed(claimed: Claim, profiles: Mapping[int, Profile], *, now: datetime) -> list[Delivery]:
    refused = refusals(claimed.campaign, claimed.deliveries)
    skipped: dict[Reason, list[Delivery]] = {}
    allowed = []
    for one in claimed.deliveries:
        if profiles[one.profile_id].merged_into is not None:
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
    press: Press, deliveries: Sequence[Delivery], profiles: Mapping[int, Profile], *, now: datetime
) -> Iterator[Message]:
    """Each distinct rule is asked once for all of them."""
    ids = [one.profile_id for one in deliveries]
    members = [matching(rule, ids, now=now, zone=press.zone, cuts=press.cuts) for rule in press.compiled.rules]
    for one in deliveries:
        holds = [one.profile_id in found for found in members]
        try:
            yield _message(press, one, profiles[one.profile_id].traits, holds, now=now)
        except (RenderError, UnicodeError):
            continue


def _message(
    press: Press, delivery: Delivery, traits: dict[str, Any], holds: Sequence[bool], *, now: datetime
) -> Message:
    unsubscribe = links.unsubscribe_url(press.base_url, delivery.ref)
    rendered = render(
        press.compiled,
        {**traits, "profile": traits},
        holds=holds,
        links=Links(lambda target: links.click_url(press.base_url, delivery.ref, target), unsubscribe),
    )
    delivery.branches = rendered.branches
    source = mime(
        rendered,
        ref=delivery.ref,
        sender=press.campaign.sender,
        recipient=delivery.address,
        unsubscribe_url=unsubscribe,
        now=now,
    )
    return Message(delivery.ref, delivery.profile_id, delivery.record_id, delivery.address, rendered.subject, source)


def _hand(
    channel: Channel, claimed: Claim, deliveries: Sequence[Delivery], messages: Mapping[UUID, Message], *, now: datetime
) -> None:
    ours = ledger.begin_handing(claimed, deliveries)
    receipts = channel.hand([messages[ref] for ref in ours], now=now)
    with transaction.atomic():
        held = [one for one in deliveries if one.ref in ours]
        accepted = ledger.settle(claimed, held, receipts=receipts, now=now)
        tell("Email Delivered", accepted, campaign=claimed.campaign, now=now)
