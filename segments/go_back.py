"""Goes back to what a segment was: as a new version, so that this too can be undone."""

from datetime import datetime
from zoneinfo import ZoneInfo

from cdp.accounts.models import User
from segments import save
from segments.models import Segment, SegmentVersion
from segments.schedule import Schedule
from segments.versions import Draft


def go_back(version: SegmentVersion, *, by: User | None, now: datetime, zone: ZoneInfo) -> Segment:
    """The name stays. Raises RuleError if the rule cannot be used any more, or would close a circle."""
    segment = Segment.objects.get(pk=version.segment_id)
    draft = Draft(
        name=segment.name,
        description=version.description,
        rule=version.rule,
        schedule=Schedule(version.pace, version.cron, zone),
    )
    return save.change(segment, draft, by=by, now=now, words=f"Went back to version {version.number}")
