"""More mails to the same people."""

from campaigns.models import Campaign, Delivery
from tests.taking_in import NOW


def again(campaign: Campaign, name: str) -> Campaign:
    """Another campaign, planned for those who were sent this one."""
    rows = list(Delivery.objects.filter(campaign_id=campaign.pk).order_by("address"))
    same = Campaign.objects.get(pk=campaign.pk)
    same.pk, same.name, same.state = None, name, Campaign.State.SENDING
    same.save()
    Delivery.objects.bulk_create(
        Delivery(
            profile_id=one.profile_id,
            campaign_id=same.pk,
            occurrence=one.occurrence,
            address=one.address,
            record_id=one.record_id,
            planned_at=NOW,
            due_at=NOW,
        )
        for one in rows
    )
    return same
