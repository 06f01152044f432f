from importlib import import_module
from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from cdp.common import belongings, navigation
from cdp.common.belongings import Belonging, OnMerge
from cdp.common.clock import utc_now
from cdp.common.navigation import Area, NavItem
from cdp.profiles import panels
from cdp.profiles.panels import Panel, Place
from cdp.rules.numbers import register_number
from cdp.rules.registry import register


class AnalyticsConfig(AppConfig):
    name = "cdp.analytics"
    label = "analytics"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models can only be imported once the apps are loaded.
        from cdp.analytics.bands import BandDefinition, CellDefinition  # noqa: PLC0415
        from cdp.analytics.definition import register_definition  # noqa: PLC0415
        from cdp.analytics.events import EventDefinition  # noqa: PLC0415
        from cdp.analytics.favourite import FavouriteDefinition  # noqa: PLC0415
        from cdp.analytics.leaf import ComputedLeaf  # noqa: PLC0415
        from cdp.analytics.lookback import traits  # noqa: PLC0415
        from cdp.analytics.numbers import ComputedNumber  # noqa: PLC0415
        from cdp.analytics.orders import OrderDefinition  # noqa: PLC0415
        from cdp.analytics.points import PointDefinition  # noqa: PLC0415
        from cdp.analytics.rfm import RfmLeaf  # noqa: PLC0415
        from cdp.analytics.visits import VisitDefinition  # noqa: PLC0415
        from cdp.events import lookback  # noqa: PLC0415

        for kind in (
            EventDefinition,
            OrderDefinition,
            VisitDefinition,
            PointDefinition,
            FavouriteDefinition,
            BandDefinition,
            CellDefinition,
        ):
            register_definition(kind)
        register_number(ComputedNumber)
        register(ComputedLeaf)
        register(RfmLeaf)
        lookback.declare("computed traits", traits)
        post_migrate.connect(make_traits, sender=self, dispatch_uid="analytics.ready_made")
        navigation.declare(NavItem(Area.SEGMENTS, "Computed traits", "analytics:traits", "view_segments", order=20))
        panels.declare(Panel("Computed traits", "analytics:of_person", "view_segments", order=25, place=Place.TAB))
        # Derived: none for who was merged away, anew for who lives once the touch of a merge is followed.
        belongings.declare(
            Belonging(
                "analytics_computedvalue",
                OnMerge.RECOMPUTE,
                label="Computed traits",
                names=(("trait_id", "analytics_computedtrait.label"),),
            )
        )


def make_traits(using: str, **_: Any) -> None:
    import_module("cdp.analytics.ready_made").create_missing(now=utc_now(), using=using)
