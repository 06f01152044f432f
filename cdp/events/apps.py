from django.apps import AppConfig

from cdp.common import navigation
from cdp.common.belongings import Belonging, OnMerge, declare
from cdp.common.navigation import Area, NavItem
from cdp.events.orders import recount_orders
from cdp.events.state import recompute_state
from cdp.profiles import panels
from cdp.profiles.panels import Panel


class EventsConfig(AppConfig):
    name = "cdp.events"
    label = "events"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Reads models, which can be imported only once the apps are loaded.
        from cdp.events import parts  # noqa: PLC0415
        from cdp.profiles import known  # noqa: PLC0415

        declare(
            Belonging("events_event", OnMerge.MOVE_BY_RECORD, label="Events"),
            Belonging("events_eventitem", OnMerge.MOVE_BY_RECORD, label="Products in events"),
            Belonging("events_orderreport", OnMerge.MOVE_BY_RECORD, label="Reports of orders"),
            Belonging("events_order", OnMerge.RECOMPUTE, recompute=recount_orders, label="Orders"),
            Belonging("events_eventstate", OnMerge.RECOMPUTE, recompute=recompute_state, label="Sums of events"),
        )
        navigation.declare(
            NavItem(Area.DATA, "Live events", "events:live", "view_data", order=20),
            NavItem(Area.DATA, "Tracking plan", "events:plan", "view_data", order=30),
            NavItem(Area.DATA, "Quarantine", "events:quarantine", "view_data", order=40),
            NavItem(Area.DATA, "Catalogue", "events:items", "view_data", order=70),
            NavItem(Area.DATA, "Exchange rates", "events:rates", "view_data", order=80),
        )
        panels.declare(Panel("Timeline", "events:timeline", order=10))
        known.declare(*parts.PARTS)
