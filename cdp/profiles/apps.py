from django.apps import AppConfig

from cdp.common.belongings import Belonging, OnErase, OnMerge, declare


class ProfilesConfig(AppConfig):
    name = "cdp.profiles"
    label = "profiles"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        declare(
            Belonging("profiles_record", OnMerge.MOVE_BY_RECORD),
            Belonging("profiles_identifier", OnMerge.MOVE_BY_RECORD),
            Belonging("profiles_profilechange", OnMerge.STAY),
            Belonging("profiles_touched", OnMerge.STAY, OnErase.KEEP, export=False),
        )
