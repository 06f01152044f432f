from django.apps import AppConfig

from cdp.common import belongings
from cdp.common.belongings import Belonging, OnMerge
from cdp.rules.registry import register


class ScoringConfig(AppConfig):
    name = "scoring"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models can only be imported once the apps are loaded.
        from scoring.leaf import ScoreLeaf  # noqa: PLC0415

        register(ScoreLeaf)
        # The survivor keeps its own score until the next run, which sees the events of both.
        belongings.declare(Belonging("scoring_score", OnMerge.RECOMPUTE))
