from django.apps import AppConfig

from cdp.common import belongings, navigation
from cdp.common.belongings import Belonging, OnMerge
from cdp.common.clock import deployment_zone
from cdp.common.navigation import Area, NavItem
from cdp.profiles import panels
from cdp.profiles.panels import Panel, Place
from cdp.profiles.touched import register_reader
from cdp.rules.registry import register


class SegmentsConfig(AppConfig):
    name = "segments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models can only be imported once the apps are loaded.
        from cdp.analytics import effects as of_traits  # noqa: PLC0415
        from cdp.events import lookback as looks_back  # noqa: PLC0415
        from identity import effects  # noqa: PLC0415
        from segments import by_trait, lists_about, lookback, members_about  # noqa: PLC0415
        from segments.effect import segments_of  # noqa: PLC0415
        from segments.leaf import OverlapLeaf, SegmentLeaf  # noqa: PLC0415
        from segments.listed_leaf import ListedLeaf  # noqa: PLC0415
        from segments.refresh import READER  # noqa: PLC0415

        for leaf in (SegmentLeaf, OverlapLeaf, ListedLeaf):
            register(leaf)
        register_reader(READER)
        effects.declare("Segments", lambda ids, now: segments_of(ids, now=now, zone=deployment_zone()))
        of_traits.declare("Segments", of_traits.Dependent(by_trait.uses, by_trait.sizes))
        navigation.declare(
            NavItem(Area.SEGMENTS, "Segments", "segments:segments", "view_segments", order=10),
            NavItem(Area.SEGMENTS, "Audit", "segments:audit", "view_segments", order=90),
        )
        panels.declare(
            Panel("Segments", "segments:of_person", "view_segments", order=20, place=Place.SIDE),
            Panel("Segment history", "segments:history_of_person", "view_segments", order=60),
        )
        looks_back.declare("segments", lookback.segments)
        belongings.declare_places(lists_about.place())
        belongings.declare(
            # Rows of both profiles stay for the refresh that a merge asks for: it removes and reports them.
            Belonging(
                "segments_membership",
                OnMerge.STAY,
                erase=members_about.erase,
                label="Segments they are in",
                names=(("segment_id", "segments_segment.name"),),
            ),
            Belonging(
                "segments_membershipchange",
                OnMerge.STAY,
                label="Segments entered and left",
                names=(("segment_id", "segments_segment.name"),),
            ),
            Belonging(
                "segments_listing",
                OnMerge.MOVE_BY_RECORD,
                label="Fixed lists they are on",
                names=(("segment_id", "segments_segment.name"),),
            ),
        )
