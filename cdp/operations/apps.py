from django.apps import AppConfig


class OperationsConfig(AppConfig):
    """How the product is doing: health, metrics, periodic jobs, backups. It sees every part, and no part sees it."""

    name = "cdp.operations"
    label = "operations"
    default_auto_field = "django.db.models.BigAutoField"
