from django.apps import AppConfig

from cdp.common import navigation
from cdp.common.navigation import Area, NavItem
from cdp.profiles import panels
from cdp.profiles.panels import Panel


class IdentityConfig(AppConfig):
    name = "identity"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        navigation.declare(NavItem(Area.PEOPLE, "Duplicates", "identity:review", "review_duplicates", order=20))
        panels.declare(Panel("Why one person", "identity:why", order=30))
