"""Whom we may write to, asked at the moment of sending."""

from collections.abc import Sequence

from django.db import connection

from campaigns.models import Campaign, Delivery
from cdp.privacy.models import Suppression

NAMESPACE = "email"


def refusals(campaign: Campaign, deliveries: Sequence[Delivery]) -> dict[str, Delivery.Reason]:
    """Address → why it gets nothing. Suppression always counts; consent where the campaign has a topic."""
    addresses = sorted({one.address for one in deliveries})
    suppressed = Suppression.objects.filter(namespace=NAMESPACE, value__in=addresses)
    found = dict.fromkeys(_without_consent(campaign, addresses), Delivery.Reason.NO_CONSENT)
    found.update(dict.fromkeys(suppressed.values_list("value", flat=True), Delivery.Reason.SUPPRESSED))
    return found


def _without_consent(campaign: Campaign, addresses: Sequence[str]) -> set[str]:
    """The newest word about the topic, or about its purpose as a whole, must be yes."""
    if campaign.topic is None:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct on (value) value, is_granted from privacy_consent where namespace = %s"
            " and value = any(%s) and purpose = %s and topic in ('', %s) order by value, at desc, id desc",
            [NAMESPACE, list(addresses), campaign.topic.purpose.key, campaign.topic.key],
        )
        granted = {address for address, is_granted in cursor.fetchall() if is_granted}
    return set(addresses) - granted
