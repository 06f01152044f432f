"""A window as conditions on the time of an event, for everybody's clock or each person's own.

`alias` is that of the table with `occurred_at`; where the window is one's own, `{alias}z` is the person's profile.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from cdp.rules import zones
from cdp.rules.spans import seconds
from cdp.rules.sql import Sql, fill, join
from cdp.rules.tree import Scope
from cdp.rules.windows import Calendar, Range, Window


def joined_person(alias: str, *, needed: bool) -> Sql:
    return Sql(f" join profiles_profile {alias}z on {alias}z.id = {alias}.profile_id" if needed else "")


def within(window: Window, scope: Scope, alias: str) -> Sql:
    """Whether it counts now."""
    if isinstance(window, Calendar) and window.is_own:
        after, earliest = zones.own_time(
            _zone(alias), lambda zone: _known(window.range(scope.now, zone)[0]), otherwise=scope.zone
        )
        own = fill(f"{alias}.occurred_at > {{after}}", after=after)
        return join(" and ", [_in(alias, (earliest, scope.now)), own])
    return _in(alias, window.range(scope.now, scope.zone))


def passed(window: Window, since: datetime, scope: Scope, alias: str) -> list[Sql]:
    """Each for a stretch that an edge of the window moved over in (since, scope.now]."""
    if isinstance(window, Calendar) and window.is_own:
        jumped = zones.moved(
            lambda zone, now: _known(window.range(now, zone)[0]), since=since, now=scope.now, otherwise=scope.zone
        )
        own = [
            join(" and ", [_in(alias, times), zones.among(_zone(alias), names, also_unknown=unknown)])
            for times, (names, unknown) in jumped.items()
        ]
        return [_in(alias, (since, scope.now)), *own]
    return [_in(alias, one) for one in window.passed(since, scope.now, scope.zone)]


def moments(window: Window, scope: Scope, own: ZoneInfo, times: Sql) -> tuple[Sql, ...]:
    """When an event reaches an edge, or an edge jumps. `times` selects when events that would count were."""
    jumps = window.boundaries(scope.now, own if window.is_own else scope.zone)
    edges = [
        fill(
            "select t.at + {age} from ({times}) t (at) where t.at > {after}",
            age=seconds(age),
            times=times,
            after=scope.now - age,
        )
        for age in window.ages()
    ]
    return (*edges, *([Sql("select unnest(%s::timestamptz[])", (jumps,))] if jumps else []))


def _in(alias: str, times: Range) -> Sql:
    after, until = times
    first = [] if after is None else [Sql(f"{alias}.occurred_at > %s", (after,))]
    return join(" and ", [*first, Sql(f"{alias}.occurred_at <= %s", (until,))])


def _zone(alias: str) -> Sql:
    return Sql(f"({alias}z.traits ->> %s)", (zones.TRAIT,))


def _known(at: datetime | None) -> datetime:
    assert at is not None
    return at
