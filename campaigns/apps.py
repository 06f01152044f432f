from django.apps import AppConfig

from cdp.common import belongings
from cdp.common.belongings import Belonging, OnMerge


class CampaignsConfig(AppConfig):
    name = "campaigns"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # A delivery is history: it names the profile it was made for, and the record of its address.
        belongings.declare(
            Belonging("campaigns_delivery", OnMerge.STAY),
            Belonging("campaigns_mailboxmessage", OnMerge.STAY),
        )
