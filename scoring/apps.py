from django.apps import AppConfig

from cdp.common import belongings, navigation
from cdp.common.belongings import Belonging, OnMerge
from cdp.common.navigation import Area, NavItem
from cdp.profiles import panels
from cdp.profiles.panels import Panel, Place
from cdp.profiles.touched import register_reader
from cdp.rules.numbers import register_number
from cdp.rules.registry import register


class ScoringConfig(AppConfig):
    name = "scoring"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models can only be imported once the apps are loaded.
        from cdp.events import lookback  # noqa: PLC0415
        from cdp.profiles import known  # noqa: PLC0415
        from scoring import uses  # noqa: PLC0415
        from scoring.cluster import parts  # noqa: PLC0415
        from scoring.cluster.leaf import ClusterLeaf  # noqa: PLC0415
        from scoring.cluster.leaf import choices as clusters  # noqa: PLC0415
        from scoring.leaf import ScoreLeaf, ScoreNumber, choices  # noqa: PLC0415
        from scoring.lookback import predictors  # noqa: PLC0415
        from scoring.recommend.forget import forget  # noqa: PLC0415
        from scoring.waiting import FACTS, READER  # noqa: PLC0415
        from segments import uses as of_segments  # noqa: PLC0415
        from segments import vocabulary  # noqa: PLC0415

        register(ScoreLeaf)
        lookback.declare("predictors", predictors)
        register_number(ScoreNumber)
        register_reader(READER, only=FACTS)
        vocabulary.add("predictors", choices)
        of_segments.declare("Predictors", uses.by_predictors)
        navigation.declare(NavItem(Area.PREDICTIONS, "Predictors", "scoring:predictors", "view_predictions", order=10))
        navigation.declare(
            NavItem(Area.PREDICTIONS, "Recommendations", "scoring:recommendations", "view_predictions", order=30)
        )
        panels.declare(
            Panel(
                "Recommended",
                "scoring:recommended_to_person",
                "view_predictions",
                order=35,
                place=Place.SIDE,
            )
        )
        navigation.declare(NavItem(Area.PREDICTIONS, "Best hour", "scoring:best_hour", "view_predictions", order=40))
        panels.declare(
            Panel("Predictions", "scoring:of_person", "view_predictions", order=30, place=Place.SIDE),
            Panel("Scores over time", "scoring:history_of_person", "view_predictions", order=45),
        )
        register(ClusterLeaf)
        vocabulary.add("clusterings", clusters)
        navigation.declare(NavItem(Area.PREDICTIONS, "Clusters", "scoring:clusterings", "view_predictions", order=20))
        panels.declare(Panel("Clusters", "scoring:clusters_of_person", "view_predictions", order=31, place=Place.SIDE))
        known.declare(*parts.PARTS)
        # The survivor keeps its own score until the next run, which sees the events of both; the loser's sleep with it.
        belongings.declare(
            Belonging(
                "scoring_score", OnMerge.STAY, label="Scores", names=(("predictor_id", "scoring_predictor.name"),)
            ),
            Belonging(
                "scoring_scorechange",
                OnMerge.STAY,
                label="Changes of scores",
                names=(("predictor_id", "scoring_predictor.name"),),
            ),
            Belonging("scoring_sendhour", OnMerge.STAY, label="Best hour"),
            # Made anew when it is next asked for, from the events of both.
            Belonging("scoring_recommendation", OnMerge.RECOMPUTE, recompute=forget, label="Recommendations"),
            Belonging(
                "scoring_clustermember",
                OnMerge.STAY,
                label="Clusters they are in",
                names=(("cluster_id", "scoring_cluster.name"),),
            ),
            Belonging("scoring_forecast", OnMerge.STAY, export=False, label="Forecasts kept to be checked"),
        )
