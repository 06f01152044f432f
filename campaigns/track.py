"""Who unsubscribes must not be written to, at once; and it is an event."""

from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from campaigns.echo import tell
from campaigns.models import Campaign, Delivery
from campaigns.permitted import NAMESPACE, refusals
from cdp.events.ourselves import internal_source
from cdp.privacy.consent import Word, record_consents
from cdp.privacy.models import Suppression
from cdp.privacy.suppression import suppress


def unsubscribed(ref: UUID, *, now: datetime) -> bool:
    """Counts from the next message on: of the campaign's topic, or of everything where it had none. False where there
    is nobody to take off: of a test, or of somebody erased.

    Asked twice, it is an event once; asked by somebody who came back meanwhile, it counts anew."""
    with transaction.atomic():
        delivery = Delivery.objects.select_for_update().filter(ref=ref).first()
        if delivery is None:
            return False
        campaign = Campaign.objects.select_related("topic__purpose").get(pk=delivery.campaign_id)
        is_news = delivery.unsubscribed_at is None or delivery.address not in refusals(campaign, [delivery])
        _refuse(delivery.address, campaign, now=now)
        if is_news:
            Delivery.objects.filter(ref=ref).update(unsubscribed_at=now)
            tell("Unsubscribed", [delivery], campaign=campaign, now=now, once=now.isoformat())
        return True


def _refuse(address: str, campaign: Campaign, *, now: datetime) -> None:
    if campaign.topic is None:
        suppress([(NAMESPACE, address)], reason=Suppression.Reason.UNSUBSCRIBE, note=campaign.name, now=now)
        return
    about = (NAMESPACE, address, campaign.topic.purpose.key, campaign.topic.key)
    word = Word(*about, is_granted=False, at=now, source_id=internal_source().pk, how="unsubscribe")
    with connection.cursor() as cursor:
        record_consents(cursor, [word], now=now)
