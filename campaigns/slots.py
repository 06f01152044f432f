"""When a campaign is planned: at once, at a moment, on a day, or again and again."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from campaigns.models import Campaign
from campaigns.moments import begins_anywhere
from segments.models import Segment
from segments.schedule import Schedule

ONCE = "once"
"""The occurrence of a campaign that is sent a single time."""
Kind, Timing = Campaign.Kind, Campaign.Timing
BY_DAY = (Timing.LOCAL, Timing.BEST_HOUR)


@dataclass(frozen=True, slots=True)
class Occurrence:
    name: str
    not_before: datetime
    on: date | None
    """… and not before that day on each person's clock."""


def first_at(campaign: Campaign, *, now: datetime, zone: ZoneInfo) -> datetime | None:
    """When it is planned first; None: by its trigger alone, or never, because it is over before. What goes by each
    person's clock is planned when the day begins where it begins first."""
    if campaign.kind == Kind.RECURRING:
        return slot_after(campaign, now, zone)
    if campaign.kind == Kind.TRIGGERED:
        return None
    if campaign.send_at is None or campaign.timing == Timing.NOW:
        return now
    return begins_anywhere(_day(campaign.send_at, zone)) if campaign.timing in BY_DAY else campaign.send_at


def slot_after(campaign: Campaign, moment: datetime, zone: ZoneInfo) -> datetime | None:
    """Of a recurring one, the next strictly after that."""
    found = Schedule(Segment.Pace.CRON, campaign.cron, zone).next_after(moment)
    is_over = found is not None and campaign.ends_at is not None and found > campaign.ends_at
    return None if is_over else found


def occurrence_of(campaign: Campaign, slot: datetime, *, now: datetime, zone: ZoneInfo) -> Occurrence:
    """`slot` is when it was to be planned, `now` when it is."""
    name = slot.astimezone(UTC).isoformat() if campaign.kind == Kind.RECURRING else ONCE
    if campaign.timing in BY_DAY:
        said = slot if campaign.kind == Kind.RECURRING else campaign.send_at
        return Occurrence(name, max(now, slot), _day(said, zone) if said else None)
    return Occurrence(name, max(now, slot), None)


def _day(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()
