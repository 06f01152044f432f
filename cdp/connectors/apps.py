from django.apps import AppConfig

from cdp.common.navigation import Area, NavItem, declare


class ConnectorsConfig(AppConfig):
    name = "cdp.connectors"
    label = "connectors"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        declare(NavItem(Area.DATA, "Imports", "connectors:imports", "view_data", order=60))
