from django.apps import AppConfig

from cdp.common import belongings, navigation
from cdp.common.navigation import Area, NavItem
from cdp.profiles import panels
from cdp.profiles.panels import Panel, Place


class PrivacyConfig(AppConfig):
    name = "cdp.privacy"
    label = "privacy"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Reads models, which can be imported only once the apps are loaded.
        from cdp.privacy import declared, says  # noqa: PLC0415
        from cdp.profiles import known  # noqa: PLC0415

        panels.declare(Panel("Consent", "privacy:consent", order=10, place=Place.SIDE))
        known.declare(*says.PARTS)
        belongings.declare_places(*declared.places())
        navigation.declare(
            NavItem(Area.PEOPLE, "Privacy requests", "privacy:requests", "erase_people", order=50),
            NavItem(Area.SETTINGS, "Consent and topics", "privacy:purposes", "edit_consent", order=50),
            NavItem(Area.SETTINGS, "Consent prompt", "privacy:prompt", "edit_consent", order=52),
            NavItem(Area.SETTINGS, "Suppressions", "privacy:suppressions", "edit_consent", order=55),
        )
