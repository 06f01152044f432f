from importlib import import_module
from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from cdp.common.navigation import Area, NavItem, declare


class AccountsConfig(AppConfig):
    name = "cdp.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        import_module("cdp.accounts.token_scheme")  # its class registers itself
        post_migrate.connect(make_roles, sender=self, dispatch_uid="accounts.roles")
        declare(
            NavItem(Area.DATA, "Sources", "accounts:sources", "view_data", order=10),
            NavItem(Area.SETTINGS, "Team", "accounts:team", "manage_team", order=10),
            NavItem(Area.SETTINGS, "Keys", "accounts:tokens", "manage_tokens", order=20),
            NavItem(Area.SETTINGS, "API", "api:docs", order=25),
            NavItem(Area.SETTINGS, "Audit log", "accounts:audit", "view_audit", order=90),
        )


def make_roles(using: str, **_: Any) -> None:
    # Models can be loaded only once the apps are.
    import_module("cdp.accounts.roles").create_roles(using=using)
