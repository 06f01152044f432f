from django.apps import AppConfig

from cdp.common import belongings
from cdp.common.navigation import Area, NavItem, declare


class ConnectorsConfig(AppConfig):
    name = "cdp.connectors"
    label = "connectors"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Reads models, which can be imported only once the apps are loaded.
        from cdp.connectors import files_about, taking_back  # noqa: PLC0415
        from cdp.profiles import lots  # noqa: PLC0415

        belongings.declare_places(*files_about.places())
        lots.declare(taking_back.ORIGIN)
        declare(NavItem(Area.DATA, "Imports", "connectors:imports", "view_data", order=60))
