from django.apps import AppConfig

from cdp.common import belongings, navigation
from cdp.common.belongings import Belonging, OnErase, OnMerge
from cdp.common.clock import deployment_zone
from cdp.common.navigation import Area, NavItem
from cdp.profiles import panels
from cdp.profiles.panels import Panel
from cdp.profiles.touched import register_reader
from cdp.rules.registry import register


class CampaignsConfig(AppConfig):
    name = "campaigns"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models can only be imported once the apps are loaded.
        from campaigns import cached_about  # noqa: PLC0415
        from campaigns.content import feeding  # noqa: PLC0415
        from campaigns.effect import campaigns_of  # noqa: PLC0415
        from campaigns.feeds import for_mails  # noqa: PLC0415
        from campaigns.leaf import MessageLeaf, choices  # noqa: PLC0415
        from campaigns.offers.redeem import FACTS, READER  # noqa: PLC0415
        from campaigns.results import attribute  # noqa: PLC0415
        from campaigns.triggers import listening  # noqa: PLC0415
        from campaigns.uses import campaigns_by_predictor, campaigns_by_segment  # noqa: PLC0415
        from campaigns.webhooks import told_to  # noqa: PLC0415
        from cdp.events import retention  # noqa: PLC0415
        from cdp.privacy import quotes  # noqa: PLC0415
        from cdp.privacy.models import Retention  # noqa: PLC0415
        from identity import effects  # noqa: PLC0415
        from scoring import uses as of_predictors  # noqa: PLC0415
        from segments import uses, vocabulary  # noqa: PLC0415

        register(MessageLeaf)
        vocabulary.add("campaigns", choices)
        register_reader(READER, only=FACTS)
        register_reader(attribute.READER, only=attribute.FACTS)
        register_reader(listening.READER, only=listening.facts)
        effects.declare("Campaigns", lambda ids, now: campaigns_of(ids, now=now, zone=deployment_zone()))
        feeding.declare(feeding.Feeding(for_mails.ask, for_mails.tokens_in_addresses))
        uses.declare("campaigns", campaigns_by_segment)
        of_predictors.declare("campaigns", campaigns_by_predictor)
        uses.declare("webhooks", told_to.by_segment)
        of_predictors.declare("webhooks", told_to.by_predictor)
        navigation.declare(
            NavItem(Area.CAMPAIGNS, "Campaigns", "campaigns:campaigns", "view_campaigns", order=10),
            NavItem(Area.CAMPAIGNS, "Templates", "campaigns:templates", "view_campaigns", order=20),
            NavItem(Area.CAMPAIGNS, "Feeds", "campaigns:feeds", "view_campaigns", order=40),
            NavItem(Area.CAMPAIGNS, "Offers", "campaigns:offers", "view_campaigns", order=30),
            NavItem(Area.CAMPAIGNS, "Results", "campaigns:all_results", "view_campaigns", order=50),
            NavItem(Area.CAMPAIGNS, "Sending accounts", "campaigns:accounts", "manage_sending", order=80),
            NavItem(Area.CAMPAIGNS, "Senders", "campaigns:senders", "manage_sending", order=81),
            NavItem(Area.DATA, "Webhooks", "campaigns:webhooks", "manage_sending", order=65),
            NavItem(Area.SETTINGS, "How we send", "campaigns:policy", "manage_sending", order=48),
            NavItem(Area.SETTINGS, "Double opt-in", "campaigns:confirmation", "manage_sending", order=53),
            NavItem(Area.CAMPAIGNS, "Mailbox", "campaigns:mailbox", "view_campaigns", order=90),
        )
        panels.declare(
            Panel("Mails", "campaigns:of_person", "view_campaigns", order=15),
            Panel("Offers", "campaigns:offers_of_person", "view_campaigns", order=16),
        )
        retention.declare(Retention.What.HITS, "campaigns_hit", "at")
        belongings.declare_places(
            cached_about.place(),
            quotes.place(
                quotes.Texts("campaigns_webhookmessage", plain=("body", "answer")), label="Other webhook messages"
            ),
            quotes.place(quotes.Texts("campaigns_feed", plain=("last_error",)), label="What feeds answered last"),
        )
        belongings.declare(
            # Two people who were both sent a campaign and turn out to be one: the loser's row sleeps with its profile.
            Belonging(
                "campaigns_delivery",
                OnMerge.MOVE_BY_RECORD,
                unique=("campaign_id", "occurrence"),
                label="Messages to them",
                names=(("campaign_id", "campaigns_campaign.name"),),
            ),
            # Of two who both drew, the number of whoever they became stands; the other's counts again when they part.
            Belonging("campaigns_controldraw", OnMerge.STAY, label="Draw for the control group"),
            Belonging("campaigns_mailboxmessage", OnMerge.MOVE_BY_RECORD, label="Mails in the mailbox"),
            Belonging(
                "campaigns_mailhappened",
                OnMerge.MOVE_BY_RECORD,
                export=False,
                label="What mails led to, on its way to webhooks",
            ),
            # What was said of somebody at the time, on its way to other systems; gone after some days.
            Belonging("campaigns_webhookmessage", OnMerge.STAY, label="Messages to webhooks"),
            Belonging(
                "campaigns_hit",
                OnMerge.MOVE_BY_RECORD,
                label="Opens and clicks",
                names=(("campaign_id", "campaigns_campaign.name"),),
            ),
            Belonging("campaigns_bounce", OnMerge.MOVE_BY_RECORD, label="Mails that came back"),
            # A code that was given stays given, to whomever it was.
            Belonging(
                "campaigns_offercode",
                OnMerge.MOVE_BY_RECORD,
                OnErase.BLANK,
                label="Codes of offers",
                blank=("profile_id", "record_id"),
            ),
            # Keyed by what happened, so that it cannot start a campaign for two people in turn.
            Belonging(
                "campaigns_triggered",
                OnMerge.MOVE_BY_RECORD,
                label="Campaigns triggered",
                names=(("campaign_id", "campaigns_campaign.name"),),
            ),
            # Follows from the orders: whoever is merged or parted is read anew (offers/redeem.py).
            Belonging("campaigns_offerredemption", OnMerge.RECOMPUTE, label="Offers redeemed"),
            # Likewise (results/attribute.py).
            Belonging(
                "campaigns_conversion",
                OnMerge.RECOMPUTE,
                label="Orders led back to campaigns",
                names=(("campaign_id", "campaigns_campaign.name"),),
            ),
        )
