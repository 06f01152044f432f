"""`events`: a measure over a person's events of one name, with conditions and a window."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from cdp.analytics.definition import Definition, Facts, KnownTraits, Picked, Type
from cdp.rules.days import JUST_AFTER, instant
from cdp.rules.fields import Fields, RuleError
from cdp.rules.happenings import Happening, happening_schema
from cdp.rules.leaves.interval import LEAST_EVENTS
from cdp.rules.numbers import MEASURES, VALUE, ZERO_WITHOUT, EventNumber, parse_what
from cdp.rules.references import NUMBERS, Reference, reference_schema
from cdp.rules.spans import seconds
from cdp.rules.sql import Sql, fill
from cdp.rules.tree import Scope
from cdp.rules.windows import Calendar, Dates, Range, Rolling, Window

ENDS, VALUES, TIMES = ("first", "last"), ("most_frequent", "list"), ("first_at", "last_at")
SINCE = ("days_since_first", "days_since_last")
OTHERS = (*ENDS, *VALUES, *TIMES, *SINCE, "usual_gap")
READ_AS = {"text": Type.TEXT, "number": Type.NUMBER, "date": Type.DATE}
MOST_LISTED = 100
LISTED = 20
DAY_S = 86_400
FOR_EVER = datetime.max.replace(tzinfo=UTC)
WORDS = {
    "first": "the first {of} among",
    "last": "the last {of} among",
    "most_frequent": "the most frequent {of} among",
    "list": "the different {of} (at most {most}, latest first) of",
    "first_at": "the time of the first",
    "last_at": "the time of the last",
    "days_since_first": "days since the first",
    "days_since_last": "days since the last",
    "usual_gap": "usual days between",
}


@dataclass(frozen=True)
class Ahead(Window):
    """The events that are yet to enter a window."""

    words: str
    of: Window

    def range(self, now: datetime, zone: ZoneInfo) -> Range:
        last = self.of.last if isinstance(self.of, Dates) else None
        return self.of.range(now, zone)[1], FOR_EVER if last is None else last.end(zone) - JUST_AFTER

    def passed(self, since: datetime, now: datetime, zone: ZoneInfo) -> list[Range]:
        return []


@dataclass(frozen=True)
class EventFacts(Facts):
    """`value`, and when an event enters or leaves the window next."""

    of: Happening
    measure: str
    what: Reference
    read_as: str = "text"
    most: int = LISTED

    def rows(self, scope: Scope) -> Sql:
        if not self._may_enter(scope):
            return fill("select i.profile_id, i.value, {leaves} as due_at from ({inside}) i",
                        leaves=self._leaves(scope), inside=self._inside(scope))  # fmt: skip
        return fill(
            "select u.profile_id, (array_agg(u.value) filter (where u.is_inside))[1] as value, min(u.due_at) as due_at"
            " from (select i.profile_id, i.value, {leaves} as due_at, true as is_inside from ({inside}) i"
            " union all select a.profile_id, null, a.first_at + {near}, false from (select e.profile_id,"
            " min(e.occurred_at) as first_at {ahead} group by e.profile_id) a) u group by u.profile_id",
            leaves=self._leaves(scope),
            near=seconds(self._near()),
            inside=self._inside(scope),
            ahead=replace(self.of, window=Ahead("", self.of.window)).rows(scope),
        )

    def _near(self) -> timedelta:
        return self.of.window.near if isinstance(self.of.window, Rolling) else timedelta(0)

    def _may_enter(self, scope: Scope) -> bool:
        """Not once the last day of fixed dates is over."""
        window = self.of.window
        return not isinstance(window, Dates) or window.range(scope.now, scope.zone)[1] == scope.now

    def _leaves(self, scope: Scope) -> Sql:
        window = self.of.window
        if isinstance(window, Rolling) and window.far is not None:
            return fill("i.first_at + {far}", far=seconds(window.far))
        if isinstance(window, Calendar):
            jump = window.boundaries(scope.now, scope.zone)[0]
            return fill("case when i.profile_id is not null then {jump}::timestamptz end", jump=jump)
        return Sql("null::timestamptz")

    def _inside(self, scope: Scope) -> Sql:
        """`profile_id`, `value` and the time of the first event that counts."""
        rows = self.of.rows(scope)
        if self.measure in VALUES:
            return self._counted(rows, scope)
        return fill(
            "select e.profile_id, {value} as value, min(e.occurred_at) as first_at {rows} group by e.profile_id",
            value=self._value(scope),
            rows=rows,
        )

    def _value(self, scope: Scope) -> Sql:
        if self.measure in MEASURES:
            return fill("round({number}, 9)", number=EventNumber(self.of, self.measure, self.what).number(scope))
        if self.measure in ENDS:
            return self._end(scope)
        if self.measure == "usual_gap":
            return fill(
                "case when count(*) >= {least} and max(e.occurred_at) > min(e.occurred_at) then"
                " round(extract(epoch from max(e.occurred_at) - min(e.occurred_at)) / 86400 / (count(*) - 1), 9) end",
                least=LEAST_EVENTS,
            )
        return Sql("min(e.occurred_at)" if self.measure in ("first_at", "days_since_first") else "max(e.occurred_at)")

    def _end(self, scope: Scope) -> Sql:
        way = "desc" if self.measure == "last" else "asc"
        read: dict[str, Callable[[], Sql]] = {
            "text": lambda: self.what.operand("e", scope).t,
            "number": lambda: self.what.number("e", scope),
            "date": lambda: instant(self.what.operand("e", scope).t, scope.zone),
        }
        return fill(
            f"(array_agg({{value}} order by e.occurred_at {way}, e.message_id {way}, e.source_id {way}))[1]",
            value=read[self.read_as](),
        )

    def _counted(self, rows: Sql, scope: Scope) -> Sql:
        """The value most seen, of equal ones the one seen last; or all of them, latest first."""
        value = fill("({text})::text", text=self.what.operand("e", scope).t)
        groups = fill(
            "select e.profile_id, {value} as value, count(*) as n, max(e.occurred_at) as last_at,"
            " min(e.occurred_at) as first_at {rows} and {value} is not null group by 1, 2",
            value=value,
            rows=rows,
        )
        if self.measure == "most_frequent":
            return fill(
                "select distinct on (g.profile_id) g.profile_id, g.value,"
                " min(g.first_at) over (partition by g.profile_id) as first_at from ({groups}) g"
                ' order by g.profile_id, g.n desc, g.last_at desc, g.value collate "C"',
                groups=groups,
            )
        return fill(
            "select l.profile_id, jsonb_agg(l.value order by l.place) filter (where l.place <= {most}) as value,"
            " min(l.first_at) as first_at from (select g.*, row_number() over (partition by g.profile_id"
            ' order by g.last_at desc, g.value collate "C") as place from ({groups}) g) l group by l.profile_id',
            most=self.most,
            groups=groups,
        )


@dataclass(frozen=True)
class EventDefinition(Definition):
    kind: ClassVar[str] = "events"
    of_facts: EventFacts

    @classmethod
    def parse(cls, fields: Fields, known: KnownTraits) -> "EventDefinition":
        measure = fields.choice("measure", (*MEASURES, *OTHERS))
        what = _what(fields, measure)
        of = Happening.parse(fields, (what,))
        if of.window.is_own:
            raise RuleError(fields.at("window.zone"), "a computed trait follows the deployment's time zone")
        read_as = _read_as(fields, measure, what)
        most = fields.whole("most", least=1, most=MOST_LISTED) if fields.has("most") else LISTED
        if fields.has("most") and measure != "list":
            raise RuleError(fields.at("most"), "is only for a list")
        return cls(EventFacts(of, measure, what, read_as, most))

    @classmethod
    def schema(cls) -> dict[str, Any]:
        return {
            "properties": {
                **happening_schema(),
                "measure": {"enum": [*MEASURES, *OTHERS]},
                "of": reference_schema(),
                "read_as": {"enum": list(READ_AS)},
                "most": {"type": "integer", "minimum": 1, "maximum": MOST_LISTED},
            },
            "required": ["name", "measure"],
        }

    @property
    def type(self) -> Type:
        measure = self.of_facts.measure
        if measure in ENDS:
            return READ_AS[self.of_facts.read_as]
        if measure in VALUES:
            return Type.LIST if measure == "list" else Type.TEXT
        return Type.DATE if measure in TIMES else Type.DURATION if measure in SINCE else Type.NUMBER

    @property
    def facts(self) -> EventFacts:
        return self.of_facts

    @property
    def is_zero_without(self) -> bool:
        return self.of_facts.measure in ZERO_WITHOUT

    def picked(self, scope: Scope) -> Picked:
        return Picked(Sql("nullif(f.value, 0)" if self.is_zero_without else "f.value"), Sql("f.due_at"))

    def english(self) -> str:
        facts = self.of_facts
        if facts.measure in MEASURES:
            return f"the {EventNumber(facts.of, facts.measure, facts.what).english()}"
        words = WORDS[facts.measure].format(of=facts.what.name, most=facts.most)
        return f"{words} {facts.of.english()} {facts.of.window.words}"

    def follows(self, fact: str) -> bool:
        return fact in self.of_facts.of.depends()


def _what(fields: Fields, measure: str) -> Reference:
    if measure not in (*ENDS, *VALUES, *MEASURES) or measure == "count":
        if fields.has("of"):
            raise RuleError(fields.at("of"), f"is not for {measure}")
        return VALUE
    if measure in (*VALUES, "distinct") and not fields.has("of"):
        raise RuleError(fields.at("of"), "is missing: of which property?")
    what = parse_what(fields)
    if measure in MEASURES and measure != "distinct" and what.column not in ("", *NUMBERS):
        raise RuleError(fields.at("of"), f"{what.column} is text, not a number")
    return what


def _read_as(fields: Fields, measure: str, what: Reference) -> str:
    if measure not in ENDS:
        if fields.has("read_as"):
            raise RuleError(fields.at("read_as"), "is only for the first or last value")
        return "text"
    usual = "number" if what.column in NUMBERS else "text"
    read_as = fields.choice("read_as", READ_AS) if fields.has("read_as") else usual
    if what.column and read_as != usual:
        raise RuleError(fields.at("read_as"), f"{what.column} is a {usual}")
    return read_as
