from django.apps import AppConfig

from cdp.common import navigation
from cdp.common.belongings import Belonging, OnMerge, declare, declare_places
from cdp.common.navigation import Area, NavItem
from cdp.events.orders import recount_orders
from cdp.events.state import recompute_state
from cdp.profiles import panels
from cdp.profiles.panels import Panel

EVENT_KEY = ("profile_id", "occurred_at", "message_id", "source_id")


class EventsConfig(AppConfig):
    name = "cdp.events"
    label = "events"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Reads models, which can be imported only once the apps are loaded.
        from cdp.events import parts, retention, waiting_about  # noqa: PLC0415
        from cdp.privacy import quotes  # noqa: PLC0415
        from cdp.privacy.models import Retention  # noqa: PLC0415
        from cdp.profiles import known  # noqa: PLC0415

        declare(
            Belonging(
                "events_event", OnMerge.MOVE_BY_RECORD, label="Events", names=(("source_id", "accounts_source.name"),)
            ),
            Belonging("events_eventitem", OnMerge.MOVE_BY_RECORD, label="Products in events"),
            Belonging("events_orderreport", OnMerge.MOVE_BY_RECORD, label="Reports of orders"),
            Belonging("events_order", OnMerge.RECOMPUTE, recompute=recount_orders, label="Orders"),
            Belonging("events_eventstate", OnMerge.RECOMPUTE, recompute=recompute_state, label="Sums of events"),
        )
        others = quotes.Texts("events_event", EVENT_KEY, json=("properties", "context"))
        declare_places(
            waiting_about.inbox(),
            waiting_about.quarantine(),
            waiting_about.seen(),
            quotes.place(others, label="Other people's events that quote them", is_slow=True),
        )
        retention.declare(Retention.What.QUARANTINE, "events_rejectedmessage", "received_at")
        navigation.declare(
            NavItem(Area.DATA, "Live events", "events:live", "view_data", order=20),
            NavItem(Area.DATA, "Tracking plan", "events:plan", "view_data", order=30),
            NavItem(Area.DATA, "Quarantine", "events:quarantine", "view_data", order=40),
            NavItem(Area.DATA, "Analysis exports", "events:analysis", "export_people", order=90),
            NavItem(Area.SETTINGS, "How long we keep", "events:retention", "erase_people", order=56),
            NavItem(Area.DATA, "Catalogue", "events:items", "view_data", order=70),
            NavItem(Area.DATA, "Exchange rates", "events:rates", "view_data", order=80),
        )
        panels.declare(Panel("Timeline", "events:timeline", order=10))
        known.declare(*parts.PARTS)
