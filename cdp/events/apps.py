from django.apps import AppConfig

from cdp.common.belongings import Belonging, OnErase, OnMerge, declare
from cdp.events.orders import recount_orders
from cdp.events.state import recompute_state


class EventsConfig(AppConfig):
    name = "cdp.events"
    label = "events"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        declare(
            Belonging("events_event", OnMerge.MOVE_BY_RECORD),
            Belonging("events_eventitem", OnMerge.MOVE_BY_RECORD),
            Belonging("events_orderreport", OnMerge.MOVE_BY_RECORD),
            Belonging("events_order", OnMerge.RECOMPUTE, recompute=recount_orders),
            Belonging("events_eventstate", OnMerge.RECOMPUTE, recompute=recompute_state),
            Belonging("events_rejectedmessage", OnMerge.STAY, OnErase.DELETE),
            Belonging("events_inboxbatch", OnMerge.STAY, OnErase.DELETE),
        )
