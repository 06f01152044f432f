from django.apps import AppConfig

from cdp.common import navigation
from cdp.common.belongings import Belonging, OnErase, OnMerge, declare
from cdp.common.navigation import Area, NavItem
from cdp.profiles import panels
from cdp.profiles.panels import Panel


class ProfilesConfig(AppConfig):
    name = "cdp.profiles"
    label = "profiles"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Reads models, which can be imported only once the apps are loaded.
        from cdp.profiles import known, parts  # noqa: PLC0415

        declare(
            Belonging("profiles_profile", OnMerge.STAY, label="Profiles", about=("id",)),
            Belonging(
                "profiles_record",
                OnMerge.MOVE_BY_RECORD,
                record_column="id",
                label="Records of sources",
                names=(("source_id", "accounts_source.name"),),
            ),
            Belonging("profiles_identifier", OnMerge.MOVE_BY_RECORD, label="Identifiers"),
            Belonging("profiles_profilechange", OnMerge.STAY, label="History of traits"),
            Belonging("profiles_saying", OnMerge.MOVE_BY_RECORD, label="What sources said"),
            Belonging("profiles_touched", OnMerge.STAY, OnErase.KEEP, export=False, label="Waiting for refresh"),
        )
        navigation.declare(NavItem(Area.PEOPLE, "Profiles", "profiles:list", "view_people", order=10))
        navigation.declare(
            NavItem(Area.PEOPLE, "Rollbacks", "profiles:rollbacks", "edit_identity_rules", order=60),
            NavItem(Area.SETTINGS, "Profile traits", "profiles:rules", "edit_identity_rules", order=42),
        )
        panels.declare(
            Panel("Traits", "profiles:traits", order=20),
            Panel("Changes", "profiles:changes", order=40),
            Panel("Raw", "profiles:raw", order=90),
        )
        known.declare(*parts.PARTS)
