from django.apps import AppConfig

from cdp.common import belongings, navigation
from cdp.common.belongings import Belonging, OnErase, OnMerge
from cdp.common.navigation import Area, NavItem
from cdp.profiles import panels, restated
from cdp.profiles.panels import Panel

ABOUT_RECORDS = {
    "link": ("Links between records", "record_a record_b"),
    "apart": ("Records kept apart", "record_id"),
    "candidate": ("Pairs that look alike", "record_a record_b"),
    "blockkey": ("Keys to find records like theirs", "record_id"),
    "waiting": ("Records waiting to be compared", "record_id"),
}


class IdentityConfig(AppConfig):
    name = "identity"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        navigation.declare(NavItem(Area.PEOPLE, "Duplicates", "identity:review", "review_duplicates", order=20))
        panels.declare(Panel("Why one person", "identity:why", order=30))
        # Reads models, which can be imported only once the apps are loaded.
        from cdp.privacy.consent import in_words  # noqa: PLC0415
        from cdp.privacy.quotes import Texts, place  # noqa: PLC0415
        from identity import effects  # noqa: PLC0415
        from identity.waiting import add_restated  # noqa: PLC0415

        restated.declare(add_restated)
        effects.declare("Consent", in_words)
        navigation.declare(
            NavItem(Area.PEOPLE, "Quality", "identity:quality", "view_data", order=30),
            NavItem(Area.SETTINGS, "Identity rules", "identity:rules", "view_data", order=40),
        )
        belongings.declare_places(
            place(Texts("identity_term", plain=("value",), drops=True), label="Values that several people share")
        )
        belongings.declare(
            # Pairs of records, or derived from records: they name no profile and stay with their record.
            *(
                Belonging(
                    f"identity_{name}",
                    OnMerge.STAY,
                    export=False,
                    label=label,
                    about=(),
                    of_record=tuple(columns.split()),
                )
                for name, (label, columns) in ABOUT_RECORDS.items()
            ),
            Belonging("identity_merge", OnMerge.STAY, label="Merges and un-merges", about=("winner_id", "loser_id")),
            # Ids of records that may be gone; names are read from the records at each look.
            Belonging("identity_decision", OnMerge.STAY, OnErase.KEEP, export=False, about=()),
        )
