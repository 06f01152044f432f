"""Fixed dates in a rule, and dates in data. A day alone begins at midnight in the deployment's time zone;
a time without an offset is UTC, as in the tracking API."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from cdp.rules.fields import Fields, RuleError
from cdp.rules.sql import Sql, fill

JUST_AFTER = timedelta(microseconds=1)
"""The database's times have no finer steps, so "from t on" is "after t minus one"."""
_ISO = re.compile(r"[12]\d{3}-\d\d-\d\d([T ]\d\d:\d\d.*)?")


@dataclass(frozen=True)
class Moment:
    """A day, or an exact time, as the rule says it."""

    said: str
    day: date | None
    at: datetime | None

    def start(self, zone: tzinfo) -> datetime:
        return midnight(self.day, zone) if self.day is not None else self._exactly()

    def end(self, zone: tzinfo) -> datetime:
        """The first time that is after it."""
        if self.day is not None:
            return midnight(self.day + timedelta(days=1), zone)
        return self._exactly() + JUST_AFTER

    def _exactly(self) -> datetime:
        assert self.at is not None
        return self.at


def midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def parse_moment(fields: Fields, key: str) -> Moment:
    said = fields.text(key)
    try:
        if not _ISO.fullmatch(said):
            raise ValueError
        if len(said) == 10:
            return Moment(said, date.fromisoformat(said), None)
        at = datetime.fromisoformat(said)
    except ValueError as error:
        raise RuleError(fields.at(key), "must be a date such as 2026-01-31 or 2026-01-31T09:30:00Z") from error
    return Moment(said, None, at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC))


# Casting text to a date fails on text that is none, and PostgreSQL promises no order of evaluation outside `case`;
# so the shape is checked first and the parts are added up, which never fails. 29 February of a common year is
# 1 March. Nothing here depends on a session's settings, so an index on it is possible (see indexes.py).
_DAY = (
    "[12][0-9]{3}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|[12][0-9]))"
)
_TIME = "[T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,9})?)?(Z|[+-](0[0-9]|1[0-5]):?[0-5][0-9])?"
DAY_SHAPE, TIME_SHAPE = f"^{_DAY}$", f"^{_DAY}{_TIME}$"
UTC_SHAPE = f"^{_DAY}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z$"
_DATE = "(make_date(left({t}, 4)::int, substr({t}, 6, 2)::int, 1) + (substr({t}, 9, 2)::int - 1))"
_CLOCK = (
    "make_interval(hours => substr({t}, 12, 2)::int, mins => substr({t}, 15, 2)::int,"
    " secs => coalesce(substring({t} from {seconds}), '0')::float8)"
)
_OFFSET = (
    "coalesce((substring({t} from {offset}) || '1')::int, 0)"
    " * make_interval(hours => coalesce(substring({t} from {hours}), '0')::int,"
    " mins => coalesce(substring({t} from {minutes}), '0')::int)"
)
# The usual shape in UTC is read first, without the five further patterns of the others: three times as fast.
_UTC = (
    "make_interval(hours => substr({t}, 12, 2)::int, mins => substr({t}, 15, 2)::int, secs => substr({t}, 18, 2)::int)"
)
_INSTANT = (
    f"(case when length({{t}}) = 10 then"
    f" case when {{t}} ~ {{day_shape}} then {_DATE}::timestamp at time zone {{zone}} end"
    f" when {{t}} ~ {{utc_shape}} then ({_DATE} + {_UTC}) at time zone 'UTC'"
    f" when {{t}} ~ {{time_shape}} then ({_DATE} + {_CLOCK} - {_OFFSET}) at time zone 'UTC' end)"
)


def instant(text: Sql, zone: tzinfo) -> Sql:
    """The time that a text says, null if it says none."""
    return fill(
        _INSTANT,
        t=text,
        zone=str(zone),
        day_shape=DAY_SHAPE,
        utc_shape=UTC_SHAPE,
        time_shape=TIME_SHAPE,
        seconds="^.{16}:([0-9.]{2,9})",
        offset="([+-])[0-9]{2}:?[0-9]{2}$",
        hours="[+-]([0-9]{2}):?[0-9]{2}$",
        minutes="[+-][0-9]{2}:?([0-9]{2})$",
    )
