from django.apps import AppConfig

from cdp.common.navigation import Area, NavItem, declare


class OperationsConfig(AppConfig):
    """How the product is doing: health, metrics, periodic jobs, backups. It sees every part, and no part sees it."""

    name = "cdp.operations"
    label = "operations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        declare(
            NavItem(Area.SETTINGS, "Schedules", "operations:schedules", "view_system", order=70),
            NavItem(Area.SETTINGS, "System", "operations:system", "view_system", order=80),
        )
