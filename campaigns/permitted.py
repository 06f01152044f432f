"""Whom we may write to, asked at the moment of sending."""

from collections.abc import Sequence

from campaigns.models import Campaign, Delivery
from cdp.privacy.consent import current
from cdp.privacy.suppression import suppressed

NAMESPACE = "email"


def refusals(campaign: Campaign, deliveries: Sequence[Delivery]) -> dict[str, Delivery.Reason]:
    """Address → why it gets nothing. Suppression always counts; consent where the campaign has a topic."""
    addresses = sorted({one.address for one in deliveries})
    found = dict.fromkeys(_without_consent(campaign, addresses), Delivery.Reason.NO_CONSENT)
    found.update(dict.fromkeys(suppressed(NAMESPACE, addresses), Delivery.Reason.SUPPRESSED))
    return found


def _without_consent(campaign: Campaign, addresses: Sequence[str]) -> set[str]:
    """Yes to the topic, or to its purpose where nothing was said of the topic; no to either is a no."""
    if campaign.topic is None:
        return set()
    purpose = campaign.topic.purpose.key
    in_general = current(NAMESPACE, addresses, purpose=purpose)
    of_topic = current(NAMESPACE, addresses, purpose=purpose, topic=campaign.topic.key)
    said = {address: (in_general.get(address), of_topic.get(address)) for address in addresses}
    return {address for address, words in said.items() if False in words or True not in words}
