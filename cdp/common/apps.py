from django.apps import AppConfig
from django.urls import register_converter

from cdp.common.converters import Anything


class CommonConfig(AppConfig):
    name = "cdp.common"
    label = "common"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        register_converter(Anything, "anything")
