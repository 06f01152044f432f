"""What a mailbox provider, or one of our own pages, tells of a delivery.

A delivery that is gone, because its person was erased, leaves no trace: each function then does nothing. What is told
twice counts once. Opens and clicks are written down and judged a little later (settle.py)."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from campaigns.echo import tell
from campaigns.models import Campaign, Delivery
from campaigns.permitted import NAMESPACE
from campaigns.tracking import hits
from campaigns.tracking.hits import Seen
from campaigns.tracking_models import Bounce, Hit
from cdp.privacy.models import Suppression
from cdp.privacy.suppression import suppress

State = Delivery.State


def delivered(ref: UUID, *, at: datetime) -> None:
    """The mailbox provider has it. What we did not know to have gone out has: it counts as delivered."""
    with transaction.atomic():
        delivery = _locked(ref)
        if delivery is None:
            return
        same = Delivery.objects.filter(ref=ref)
        if delivery.delivered_at is None:
            same.update(delivered_at=at)
            # Who followed a link before that was no person: it is looked at again.
            Hit.objects.filter(ref=ref, at__lt=at).update(is_waiting=True)
        if not Bounce.objects.filter(ref=ref, is_hard=True).exists():
            same.filter(bounced_at__lt=at).update(bounced_at=None)
        if same.filter(state=State.UNKNOWN).update(state=State.ACCEPTED, error=""):
            tell("Email Delivered", [delivery], campaign=_campaign_of(delivery), now=at)


def bounced(ref: UUID, *, is_hard: bool, why: str, at: datetime) -> None:
    """A hard one suppresses the address at once; soft ones once there were enough of late."""
    with transaction.atomic():
        delivery = _locked(ref)
        if delivery is None or not _note_bounce(delivery, is_hard=is_hard, why=why, at=at):
            return
        if is_hard or delivery.delivered_at is None:
            Delivery.objects.filter(ref=ref, bounced_at=None).update(bounced_at=at)
        if is_hard or _soft_ones(delivery.address, at=at) >= settings.SOFT_BOUNCES:
            note = why if is_hard else f"{settings.SOFT_BOUNCES} times within {settings.SOFT_BOUNCE_DAYS} days: {why}"
            suppress([(NAMESPACE, delivery.address)], reason=Suppression.Reason.BOUNCE, note=note, now=at)
        kind = "hard" if is_hard else "soft"
        about = {"bounce_type": kind, "reason": why[:300]}
        tell("Email Bounced", [delivery], campaign=_campaign_of(delivery), now=at, about=about, once=kind)


def complained(ref: UUID, *, at: datetime) -> None:
    """Whoever calls our mail spam gets no more of it."""
    with transaction.atomic():
        delivery = _locked(ref)
        if delivery is None or delivery.complained_at is not None:
            return
        Delivery.objects.filter(ref=ref).update(complained_at=at)
        campaign = _campaign_of(delivery)
        suppress([(NAMESPACE, delivery.address)], reason=Suppression.Reason.COMPLAINT, note=campaign.name, now=at)
        tell("Email Marked as Spam", [delivery], campaign=campaign, now=at)


def opened(ref: UUID, *, agent: str, ip: str, at: datetime) -> None:
    seen = Seen(at, agent, ip)
    hits.keep(ref, kind=Hit.Kind.OPEN, seen=seen, hit_id=hits.same_id(ref, kind=Hit.Kind.OPEN, seen=seen))


def clicked(ref: UUID, *, target: str, agent: str, ip: str, at: datetime) -> None:
    seen = Seen(at, agent, ip)
    same = hits.same_id(ref, kind=Hit.Kind.CLICK, seen=seen, target=target)
    hits.keep(ref, kind=Hit.Kind.CLICK, seen=seen, target=target, hit_id=same)


def _locked(ref: UUID) -> Delivery | None:
    return Delivery.objects.select_for_update().filter(ref=ref).first()


def _campaign_of(delivery: Delivery) -> Campaign:
    return Campaign.objects.get(pk=delivery.campaign_id)


def _note_bounce(delivery: Delivery, *, is_hard: bool, why: str, at: datetime) -> bool:
    """False if it was told before."""
    return Bounce.objects.get_or_create(
        ref=delivery.ref,
        is_hard=is_hard,
        defaults={
            "profile_id": delivery.profile_id,
            "record_id": delivery.record_id,
            "address": delivery.address,
            "why": why[:300],
            "at": at,
        },
    )[1]


def _soft_ones(address: str, *, at: datetime) -> int:
    since = at - timedelta(days=settings.SOFT_BOUNCE_DAYS)
    return Bounce.objects.filter(address=address, is_hard=False, at__gt=since, at__lte=at).count()
