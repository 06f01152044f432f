"""Clicks and unsubscribes come back: as events, and where someone must not be written to, at once."""

from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from campaigns.echo import tell
from campaigns.models import Campaign, Delivery
from campaigns.permitted import NAMESPACE
from cdp.events.ourselves import internal_source
from cdp.privacy.consent import Word, record_consents
from cdp.privacy.models import Suppression
from cdp.privacy.suppression import suppress


def clicked(ref: UUID, *, target: str, click_id: str, now: datetime) -> None:
    """A delivery that is gone (its person was erased) leaves no trace."""
    with transaction.atomic():
        delivery = Delivery.objects.select_for_update().filter(ref=ref).first()
        if delivery is not None:
            campaign = Campaign.objects.get(pk=delivery.campaign_id)
            if delivery.clicked_at is None:
                Delivery.objects.filter(pk=delivery.pk).update(clicked_at=now)
            tell(
                "Email Link Clicked",
                [delivery],
                campaign=campaign,
                now=now,
                about={"link_url": target},
                once=click_id,
            )


def unsubscribed(ref: UUID, *, now: datetime) -> bool:
    """Counts from the next message on: of the campaign's topic, or of everything where it had none. False where there
    is nobody to take off: of a test, or of somebody erased."""
    with transaction.atomic():
        delivery = Delivery.objects.filter(ref=ref).first()
        if delivery is None:
            return False
        campaign = Campaign.objects.select_related("topic__purpose").get(pk=delivery.campaign_id)
        _refuse(delivery.address, campaign, now=now)
        tell("Unsubscribed", [delivery], campaign=campaign, now=now)
        return True


def _refuse(address: str, campaign: Campaign, *, now: datetime) -> None:
    if campaign.topic is None:
        suppress([(NAMESPACE, address)], reason=Suppression.Reason.UNSUBSCRIBE, note=campaign.name, now=now)
        return
    about = (NAMESPACE, address, campaign.topic.purpose.key, campaign.topic.key)
    word = Word(*about, is_granted=False, at=now, source_id=internal_source().pk, how="unsubscribe")
    with connection.cursor() as cursor:
        record_consents(cursor, [word], now=now)
