"""Which events count: a name, conditions on their properties, and a window. Shared by the leaves about events."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from cdp.rules import states, stretches, zones
from cdp.rules.fields import Fields
from cdp.rules.references import Filter, Reference
from cdp.rules.sql import Sql, fill, join
from cdp.rules.tree import Scope
from cdp.rules.windows import EVER, Range, Window, parse_window

MOST_FILTERS = 20
NOTHING = Sql("")


@dataclass(frozen=True)
class Happening:
    name: str
    window: Window = EVER
    where: tuple[Filter, ...] = ()
    also: tuple[Reference, ...] = ()
    """What else is read of the event, besides its filters."""
    compared: tuple[Filter, ...] = ()
    """Conditions that are not met by each event, but read of it and of its person what they compare."""

    @classmethod
    def parse(
        cls, fields: Fields, also: tuple[Reference, ...] = (), *, compared: tuple[Filter, ...] = ()
    ) -> "Happening":
        """Of an object that has `name`, `window` and `where` among its own."""
        window = parse_window(fields.inner("window")) if fields.has("window") else EVER
        return cls(fields.text("name"), window, parse_where(fields), also, compared)

    def english(self) -> str:
        return self.name + said_where(self.where)

    def depends(self) -> frozenset[str]:
        names = {f"event:{self.name}"}
        if any(one.needs_catalogue for one in (*self.also, *(filter_.of for filter_ in self.where))):
            names.add("catalogue")
        if self.window.is_own:
            names.add(f"trait:{zones.TRAIT}")
        return frozenset(names.union(*(one.traits() for one in (*self.where, *self.compared))))

    def rows(self, scope: Scope, *, among: Sql | None = None) -> Sql:
        """`from events_event e … where …`: those that count now, of whom `among` selects or all who are asked about."""
        narrowed = self._narrowed(scope) if among is None else fill(" and e.profile_id in ({among})", among=among)
        return self._matching(stretches.within(self.window, scope, "e"), narrowed, scope)

    def ends(self, scope: Scope, *, is_last: bool) -> Sql:
        """The same, perhaps without some that are not their person's last (first)."""
        times = self.kept_range(scope)
        if times is None or scope.ids is None:
            return self.rows(scope)
        at_end = fill(" and {it}", it=states.at_end(self.name, times, scope, is_last=is_last))
        return self._matching(stretches.within(self.window, scope, "e"), at_end, scope, joined=self._state(scope))

    def _state(self, scope: Scope) -> Sql:
        return fill(" join {state} s on s.profile_id = e.profile_id and s.name = e.name", state=scope.state(self.name))

    def kept_range(self, scope: Scope) -> Range | None:
        """The window, where the state of each person and event answers for these events: of everybody, if it reaches
        back for ever; else their events are read quicker in the order of their index."""
        if self.where or self._needs_person():
            return None
        times = self.window.range(scope.now, scope.zone)
        return None if scope.ids is None and times[0] is not None else times

    def behind(self, scope: Scope) -> Sql:
        return fill("select e.profile_id, e.occurred_at, e.message_id, e.source_id {rows}", rows=self.rows(scope))

    def crossings(self, since: datetime, scope: Scope) -> tuple[Sql, ...]:
        """A range scan for each stretch that an edge of the window moved over."""
        return tuple(
            fill("select e.profile_id {rows}", rows=self._matching(times, scope.narrowed("e.profile_id"), scope))
            for times in stretches.passed(self.window, since, scope, "e")
        )

    def moments(self, scope: Scope, own: ZoneInfo) -> tuple[Sql, ...]:
        """An event that reaches an edge, or an edge that jumps."""
        times = fill(
            "select e.occurred_at {rows}", rows=self._matching(Sql("true"), scope.narrowed("e.profile_id"), scope)
        )
        return stretches.moments(self.window, scope, own, times)

    def after(self, scope: Scope) -> datetime | None:
        """Nothing older is read; None reaches back for ever."""
        return None if self.window.is_own else self.window.range(scope.now, scope.zone)[0]

    def _narrowed(self, scope: Scope) -> Sql:
        if scope.history(self.name, self.after(scope)):
            return NOTHING  # it may have more people; naming those who are asked about would mislead the plan
        times = None if scope.ids is None or self.window.is_own else self.window.range(scope.now, scope.zone)
        if times is None or not states.is_wide(times):
            return scope.narrowed("e.profile_id")
        return fill(" and e.profile_id in ({some})", some=states.overlapping(self.name, times, scope))

    def _matching(self, times: Sql, narrowed: Sql, scope: Scope, *, joined: Sql = NOTHING) -> Sql:
        conditions = [
            scope.named("e", self.name, self.after(scope)),
            times,
            *(one.condition("e", scope) for one in self.where),
        ]
        return fill(
            "from {events} e{state}{joined} where {all}{narrowed}",
            events=scope.events(self.name, self.after(scope)),
            state=joined,
            joined=joined_for((*self.also, *(one.of for one in self.where)), "e", is_own=self._needs_person()),
            all=join(" and ", conditions),
            narrowed=narrowed,
        )

    def _needs_person(self) -> bool:
        return self.window.is_own or needs_person((*self.where, *self.compared))


def parse_where(fields: Fields) -> tuple[Filter, ...]:
    found = fields.items("where", most=MOST_FILTERS) if fields.has("where") else []
    return tuple(Filter.parse(one) for one in found)


def needs_person(where: tuple[Filter, ...]) -> bool:
    """Whether a condition compares with what is known of the person."""
    return any(one.traits() for one in where)


def joined_for(read: Sequence[Reference], alias: str, *, is_own: bool) -> Sql:
    """What else the statement reads beside its events: `{alias}i` the catalogue's item, `{alias}z` the person."""
    item = f" left join events_item {alias}i on {alias}i.id = {alias}.item_id"
    found = Sql(item if any(one.needs_catalogue for one in read) else "")
    return join("", [found, stretches.joined_person(alias, needed=is_own)])


def said_where(where: tuple[Filter, ...]) -> str:
    return f" (where {' and '.join(one.english() for one in where)})" if where else ""


def happening_schema() -> dict[str, Any]:
    """`window` and `filter` are defined once, by `rule_schema`."""
    return {
        "name": {"type": "string", "minLength": 1},
        "window": {"$ref": "#/$defs/window"},
        "where": {"type": "array", "maxItems": MOST_FILTERS, "items": {"$ref": "#/$defs/filter"}},
    }
