from django.apps import AppConfig


class CdpConfig(AppConfig):
    """The conducting files: pipeline, home, management commands."""

    name = "cdp"
