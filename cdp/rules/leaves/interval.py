"""`interval`: silent for longer than so many times one's own usual gap.

The usual gap is the mean time between a person's events of that name, of those who did it often enough to have one.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from cdp.rules.fields import Fields, RuleError
from cdp.rules.sql import Sql, fill
from cdp.rules.tree import Leaf, Members, Scope

LEAST_EVENTS = 3
_BASE = "timestamptz '2000-01-01 00:00:00+00'"
# In seconds since 2000 and with no session setting in it, so that it can be indexed: see indexes.py.
_DUE = (
    f"(extract(epoch from {{last}} - {_BASE})"
    " + {times} * extract(epoch from {last} - {first}) / nullif({n} - 1, 0))"
)
_USUAL = "count(*) >= {least} and max(e.occurred_at) > min(e.occurred_at)"


@dataclass(frozen=True)
class IntervalLeaf(Leaf):
    kind: ClassVar[str] = "interval"
    name: str
    times: float
    least: int = LEAST_EVENTS

    @classmethod
    def parse(cls, fields: Fields) -> "IntervalLeaf":
        fields.only("kind", "name", "times", "least")
        times = fields.number("times")
        if not 0 < times <= 100:
            raise RuleError(fields.at("times"), "must be more than 0 and at most 100")
        least = fields.whole("least", least=2, most=1000) if fields.has("least") else LEAST_EVENTS
        return cls(fields.text("name"), times, least)

    @classmethod
    def schema(cls) -> dict[str, Any]:
        return {
            "properties": {
                "name": {"type": "string", "minLength": 1},
                "times": {"type": "number", "exclusiveMinimum": 0, "maximum": 100},
                "least": {"type": "integer", "minimum": 2, "maximum": 1000},
            },
            "required": ["name", "times"],
        }

    def english(self) -> str:
        times = "their usual gap" if self.times == 1 else f"{self.times:g} times their usual gap"
        return f"who have not done {self.name} for longer than {times}"

    def members(self, scope: Scope) -> Members:
        """From the state per person and event. Only of those with events in the future are the events read."""
        return Members(
            fill(
                "select s.profile_id {state} and s.last_at <= {now} and {due} <= {second}"
                " union all select e.profile_id {events} group by e.profile_id"
                " having {usual} and {counted} <= {second}",
                state=self._state(scope),
                now=scope.now,
                due=self.due("s."),
                second=_second(scope.now),
                events=self._events(scope, only_ahead=True),
                usual=self._usual(),
                counted=self._counted(),
            )
        )

    def observed(self, scope: Scope) -> Sql:
        return fill(
            "select e.profile_id, 'usually every ' || round(extract(epoch from max(e.occurred_at) - min(e.occurred_at))"
            " / (count(*) - 1) / 86400, 1)::text || ' days, last ' || max(e.occurred_at)::text"
            " {events} group by e.profile_id having {usual}",
            events=self._events(scope),
            usual=self._usual(),
        )

    def behind(self, scope: Scope) -> Sql:
        return fill(
            "select e.profile_id, e.occurred_at, e.message_id, e.source_id {events}", events=self._events(scope)
        )

    def depends(self) -> frozenset[str]:
        return frozenset({f"event:{self.name}"})

    def crossings(self, since: datetime, scope: Scope) -> tuple[Sql, ...]:
        """Who became due, by a range scan if it has its index; and the few with events in the future."""
        due = fill(
            "select s.profile_id {state} and {due} > {after} and {due} <= {until}",
            state=self._state(scope),
            due=self.due("s."),
            after=_second(since),
            until=_second(scope.now),
        )
        return due, self._later_than(since, scope)

    def moments(self, scope: Scope, own: ZoneInfo) -> tuple[Sql, ...]:
        """When a gap is over after each event, also those that lie ahead."""
        due = fill(
            f"select {_BASE} + make_interval(secs => {{due}}::float8) from (select count(*) over so_far as n,"
            " min(e.occurred_at) over so_far as first_at, e.occurred_at as last_at from events_event e"
            " where e.name = {name}{narrowed} window so_far as (partition by e.profile_id order by e.occurred_at)) s"
            " where s.n >= {least} and s.last_at > s.first_at",
            due=self.due("s."),
            name=self.name,
            least=self.least,
            narrowed=scope.narrowed("e.profile_id"),
        )
        ahead = fill(
            "select e.occurred_at from events_event e where e.name = {name} and e.occurred_at > {now}{narrowed}",
            name=self.name,
            now=scope.now,
            narrowed=scope.narrowed("e.profile_id"),
        )
        return due, ahead

    def due(self, alias: str) -> Sql:
        """When the gap is over, of a row of the state. `alias` ends with its dot, or is empty."""
        return fill(
            _DUE,
            last=Sql(f"{alias}last_at"),
            first=Sql(f"{alias}first_at"),
            n=Sql(f"{alias}n"),
            times=Decimal(str(self.times)),
        )

    def _state(self, scope: Scope) -> Sql:
        return fill(
            "from {state} s where {theirs} and s.n >= {least} and s.last_at > s.first_at",
            state=scope.state(self.name),
            theirs=scope.of_state("s", self.name),
            least=self.least,
        )

    def _events(self, scope: Scope, *, only_ahead: bool = False) -> Sql:
        ahead = fill(" and e.profile_id in ({later})", later=self._later_than(scope.now, scope))
        return fill(
            "from events_event e where e.name = {name} and e.occurred_at <= {now}{ahead}{narrowed}",
            name=self.name,
            now=scope.now,
            ahead=ahead if only_ahead else Sql(""),
            narrowed=Sql("") if only_ahead else scope.narrowed("e.profile_id"),
        )

    def _later_than(self, at: datetime, scope: Scope) -> Sql:
        """Selects who has an event after that. Of everybody by the index of events: the state has none by time."""
        if scope.ids is None:
            return Sql(
                "select f.profile_id from events_event f where f.name = %s and f.occurred_at > %s", (self.name, at)
            )
        return fill(
            "select f.profile_id from {state} f where {theirs} and f.last_at > {at}",
            state=scope.state(self.name),
            theirs=scope.of_state("f", self.name),
            at=at,
        )

    def _usual(self) -> Sql:
        return fill(_USUAL, least=self.least)

    def _counted(self) -> Sql:
        return fill(
            _DUE,
            last=Sql("max(e.occurred_at)"),
            first=Sql("min(e.occurred_at)"),
            n=Sql("count(*)"),
            times=Decimal(str(self.times)),
        )


def _second(at: datetime) -> Sql:
    return Sql(f"extract(epoch from %s::timestamptz - {_BASE})", (at,))
