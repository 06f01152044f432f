from django.apps import AppConfig

from cdp.common.navigation import Area, NavItem, declare


class CdpConfig(AppConfig):
    """The conducting files: pipeline, home, management commands."""

    name = "cdp"

    def ready(self) -> None:
        # Models can only be imported once the apps are loaded.
        from cdp.home import start  # noqa: PLC0415

        declare(
            NavItem(Area.HOME, "Home", "home", order=10),
            NavItem(Area.HOME, "Getting started", "getting_started", order=20, is_wanted=start.is_wanted),
        )
