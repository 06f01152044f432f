from django.apps import AppConfig

from cdp.common import belongings
from cdp.common.belongings import Belonging, OnErase, OnMerge


class IdentityConfig(AppConfig):
    name = "identity"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Reads models, which can be imported only once the apps are loaded.
        from cdp.privacy.consent import in_words  # noqa: PLC0415
        from identity import effects  # noqa: PLC0415

        effects.declare("Consent", in_words)
        belongings.declare(
            # Pairs of records, or derived from records: they name no profile and stay with their record.
            *(
                Belonging(f"identity_{name}", OnMerge.STAY, OnErase.DELETE, export=False)
                for name in ("link", "apart", "candidate", "blockkey", "waiting", "merge")
            ),
        )
