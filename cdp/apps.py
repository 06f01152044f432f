from django.apps import AppConfig

from cdp.common.navigation import Area, NavItem, declare


class CdpConfig(AppConfig):
    """The conducting files: pipeline, home, management commands."""

    name = "cdp"

    def ready(self) -> None:
        declare(NavItem(Area.HOME, "Home", "home"))
