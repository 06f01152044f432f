from django.apps import AppConfig

from cdp.common import belongings, navigation
from cdp.common.belongings import Belonging, OnMerge
from cdp.common.navigation import Area, NavItem
from cdp.profiles import panels
from cdp.profiles.panels import Panel


class CampaignsConfig(AppConfig):
    name = "campaigns"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        navigation.declare(
            NavItem(Area.CAMPAIGNS, "Campaigns", "campaigns:campaigns", "view_campaigns", order=10),
            NavItem(Area.CAMPAIGNS, "Mailbox", "campaigns:mailbox", "view_campaigns", order=90),
        )
        panels.declare(Panel("Mails", "campaigns:of_person", "view_campaigns", order=15))
        # A delivery is history: it names the profile it was made for, and the record of its address.
        belongings.declare(
            Belonging("campaigns_delivery", OnMerge.STAY),
            Belonging("campaigns_mailboxmessage", OnMerge.STAY),
        )
