"""When a segment follows what happened: at once, or by full refreshes at times of its own."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from cdp.rules.tree import UTC
from segments.models import Segment

Pace = Segment.Pace
HOURLY, DAILY = "0 * * * *", "0 4 * * *"
"""Daily ones come after the night's cuts and scores."""
FIELDS = 5


class BadCron(ValueError):
    """The times cannot be read."""


@dataclass(frozen=True)
class Schedule:
    """`cron` is for the pace of that name only; `zone` is where its hours and days are counted."""

    pace: str = Pace.LIVE
    cron: str = ""
    zone: ZoneInfo = UTC

    def __post_init__(self) -> None:
        if self.pace == Pace.CRON:
            read_cron(self.cron)
        elif self.cron:
            raise BadCron(f"Times of one's own are for the pace “{Pace.CRON.label}” only.")

    @property
    def times(self) -> str:
        """As five fields; empty for live ones."""
        return {Pace.HOURLY.value: HOURLY, Pace.DAILY.value: DAILY, Pace.CRON.value: self.cron}.get(self.pace, "")

    def next_after(self, moment: datetime) -> datetime | None:
        """The next time strictly after it. None for live ones, and where there is none in 50 years.

        An hour that the clock leaps over counts as the moment after the leap; one that comes twice counts once, unless
        the expression names every hour.
        """
        if not self.times:
            return None
        found = next(CronSim(self.times, moment.astimezone(self.zone)), None)
        return None if found is None else found.astimezone(UTC)

    def english(self) -> str:
        if not self.times:
            return "at once"
        return f"{CronSim(self.times, datetime(2000, 1, 1, tzinfo=UTC)).explain().lower()} ({self.zone.key})"


LIVE = Schedule()


def read_cron(text: str) -> str:
    """The five fields with one space between. Raises BadCron, which says what is wrong."""
    fields = text.split()
    if len(fields) != FIELDS:
        raise BadCron(
            f"Write five fields: minute, hour, day of the month, month, day of the week. These are {len(fields)}."
        )
    try:
        CronSim(" ".join(fields), datetime(2000, 1, 1, tzinfo=UTC))
    except CronSimError as error:
        raise BadCron(f"This cannot be read: {str(error).lower()}. “30 6 * * 1” is every Monday at 6:30.") from error
    return " ".join(fields)


def schedule_of(segment: Segment, zone: ZoneInfo) -> Schedule:
    return Schedule(segment.pace, segment.cron, zone)


def due(*, now: datetime) -> list[int]:
    """Ids of the segments whose scheduled refresh should have begun, the longest waiting first."""
    rows = Segment.objects.filter(archived_at=None, due_at__lte=now).exclude(retry_at__gt=now)
    return list(rows.order_by("due_at", "id").values_list("id", flat=True))


def set_next(segment_id: int, *, now: datetime, zone: ZoneInfo) -> None:
    """After a run, and after a change of the pace."""
    segment = Segment.objects.get(pk=segment_id)
    Segment.objects.filter(pk=segment_id).update(due_at=schedule_of(segment, zone).next_after(now))
