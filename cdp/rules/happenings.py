"""Which events count: a name, conditions on their properties, and a window. Shared by the leaves about events."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from cdp.rules import zones
from cdp.rules.fields import Fields
from cdp.rules.references import Filter, Reference, filter_schema
from cdp.rules.spans import seconds
from cdp.rules.sql import Sql, fill, join
from cdp.rules.tree import Scope
from cdp.rules.windows import EVER, WINDOW_SCHEMA, Calendar, Range, Window, parse_window

MOST_FILTERS = 20
ZONE = Sql("(z.traits ->> %s)", (zones.TRAIT,))
"""The person's own time zone, in statements that join the profile as `z`."""


@dataclass(frozen=True)
class Happening:
    name: str
    window: Window = EVER
    where: tuple[Filter, ...] = ()
    also: tuple[Reference, ...] = ()
    """What else is read of the event, besides its filters."""

    @classmethod
    def parse(cls, fields: Fields, also: tuple[Reference, ...] = ()) -> "Happening":
        """Of an object that has `name`, `window` and `where` among its own."""
        window = parse_window(fields.inner("window")) if fields.has("window") else EVER
        return cls(fields.text("name"), window, parse_where(fields), also)

    def english(self) -> str:
        return self.name + said_where(self.where)

    def depends(self) -> frozenset[str]:
        names = {f"event:{self.name}"}
        if self._needs_catalogue():
            names.add("catalogue")
        if self.window.is_own:
            names.add(f"trait:{zones.TRAIT}")
        return frozenset(names)

    def rows(self, scope: Scope) -> Sql:
        """`from events_event e … where …`: those that count now."""
        if isinstance(self.window, Calendar) and self.window.is_own:
            return self._in_own_days(self.window, scope)
        return self._between(self.window.range(scope.now, scope.zone), scope)

    def behind(self, scope: Scope) -> Sql:
        return fill("select e.profile_id, e.occurred_at, e.message_id, e.source_id {rows}", rows=self.rows(scope))

    def crossings(self, since: datetime, scope: Scope) -> tuple[Sql, ...]:
        """A range scan for each stretch that an edge of the window moved over."""
        if isinstance(self.window, Calendar) and self.window.is_own:
            ranges = [self._between((since, scope.now), scope), *self._own_days_passed(self.window, since, scope)]
        else:
            ranges = [self._between(one, scope) for one in self.window.passed(since, scope.now, scope.zone)]
        return tuple(fill("select e.profile_id {rows}", rows=rows) for rows in ranges)

    def moments(self, scope: Scope, own: ZoneInfo) -> tuple[Sql, ...]:
        """An event that reaches an edge, or an edge that jumps."""
        zone = own if self.window.is_own else scope.zone
        jumps = self.window.boundaries(scope.now, zone)
        ahead = Sql("select unnest(%s::timestamptz[])", (jumps,))
        edges = [
            fill(
                "select e.occurred_at + {age} {rows} and e.occurred_at > {after}",
                age=seconds(age),
                rows=self._all(scope),
                after=scope.now - age,
            )
            for age in self.window.ages()
        ]
        return (*edges, ahead) if jumps else tuple(edges)

    def _all(self, scope: Scope) -> Sql:
        return self._matching([], scope)

    def _between(self, times: Range, scope: Scope) -> Sql:
        return self._matching(_in_range(times), scope)

    def _in_own_days(self, window: Calendar, scope: Scope) -> Sql:
        after, earliest = zones.own_time(
            ZONE, lambda zone: _known(window.range(scope.now, zone)[0]), otherwise=scope.zone
        )
        own = fill("e.occurred_at > {after}", after=after)
        return self._matching([*_in_range((earliest, scope.now)), own], scope)

    def _own_days_passed(self, window: Calendar, since: datetime, scope: Scope) -> list[Sql]:
        jumped = zones.moved(
            lambda zone, now: _known(window.range(now, zone)[0]), since=since, now=scope.now, otherwise=scope.zone
        )
        return [
            self._matching([*_in_range(times), zones.among(ZONE, names, also_unknown=unknown)], scope)
            for times, (names, unknown) in jumped.items()
        ]

    def _matching(self, times: Sequence[Sql], scope: Scope) -> Sql:
        joined = " left join events_item ei on ei.id = e.item_id" if self._needs_catalogue() else ""
        if self.window.is_own:
            joined += " join profiles_profile z on z.id = e.profile_id"
        conditions = [Sql("e.name = %s", (self.name,)), *times]
        conditions += [one.condition("e", scope) for one in self.where]
        return fill(
            f"from events_event e{joined} where {{all}}{{narrowed}}",
            all=join(" and ", conditions),
            narrowed=scope.narrowed("e.profile_id"),
        )

    def _needs_catalogue(self) -> bool:
        return any(one.needs_catalogue for one in (*self.also, *(filter_.of for filter_ in self.where)))


def parse_where(fields: Fields) -> tuple[Filter, ...]:
    found = fields.items("where", most=MOST_FILTERS) if fields.has("where") else []
    return tuple(Filter.parse(one) for one in found)


def said_where(where: tuple[Filter, ...]) -> str:
    return f" (where {' and '.join(one.english() for one in where)})" if where else ""


def happening_schema() -> dict[str, Any]:
    return {
        "name": {"type": "string", "minLength": 1},
        "window": WINDOW_SCHEMA,
        "where": {"type": "array", "maxItems": MOST_FILTERS, "items": filter_schema()},
    }


def _in_range(times: Range) -> list[Sql]:
    after, until = times
    first = [] if after is None else [Sql("e.occurred_at > %s", (after,))]
    return [*first, Sql("e.occurred_at <= %s", (until,))]


def _known(at: datetime | None) -> datetime:
    assert at is not None
    return at
