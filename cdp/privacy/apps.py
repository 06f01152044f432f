from django.apps import AppConfig

from cdp.profiles import panels
from cdp.profiles.panels import Panel, Place


class PrivacyConfig(AppConfig):
    name = "cdp.privacy"
    label = "privacy"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Reads models, which can be imported only once the apps are loaded.
        from cdp.privacy import says  # noqa: PLC0415
        from cdp.profiles import known  # noqa: PLC0415

        panels.declare(Panel("Consent", "privacy:consent", order=10, place=Place.SIDE))
        known.declare(*says.PARTS)
