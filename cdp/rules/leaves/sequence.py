"""`sequence`: did A, then B within a time of it, then did not do C within a time of that, …

Each step follows the last one that was done before it: strictly later, and at most `within` later. A step that was
not done holds once its time is over and nothing of it happened; without a time it holds for as long as nothing does.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from cdp.rules import spans, states
from cdp.rules.fields import Fields, RuleError
from cdp.rules.happenings import Happening, happening_schema, joined_for, needs_person, said_where
from cdp.rules.spans import Span, parse_within, seconds
from cdp.rules.sql import Sql, fill, join
from cdp.rules.tree import Leaf, Members, Scope
from cdp.rules.windows import EVER, parse_window

MOST_STEPS = 6


@dataclass(frozen=True)
class Step:
    of: Happening
    did: bool = True
    within: Span | None = None

    @classmethod
    def parse(cls, fields: Fields) -> "Step":
        fields.only("name", "where", "did", "within")
        did = fields.value("did") if fields.has("did") else True
        if not isinstance(did, bool):
            raise RuleError(fields.at("did"), "must be true or false")
        within = parse_within(fields.inner("within")) if fields.has("within") else None
        return cls(Happening.parse(fields), did, within)

    def english(self) -> str:
        verb = "did" if self.did else "did not do"
        within = "" if self.within is None else f" within {self.within.words}"
        return f"{verb} {self.of.name}{said_where(self.of.where)}{within}"


@dataclass(frozen=True)
class SequenceLeaf(Leaf):
    kind: ClassVar[str] = "sequence"
    first: Happening
    steps: tuple[Step, ...]
    """After the first."""

    @classmethod
    def parse(cls, fields: Fields) -> "SequenceLeaf":
        fields.only("kind", "steps", "window")
        found = fields.items("steps", most=MOST_STEPS)
        if len(found) < 2:
            raise RuleError(fields.at("steps"), "needs at least two steps")
        steps = [Step.parse(one) for one in found]
        if not steps[0].did or steps[0].within:
            raise RuleError(found[0].place, "the first step must be something done, at any time in the window")
        window = parse_window(fields.inner("window")) if fields.has("window") else EVER
        return cls(replace(steps[0].of, window=window), tuple(steps[1:]))

    @classmethod
    def schema(cls) -> dict[str, Any]:
        of = happening_schema()
        step = {
            "type": "object",
            "properties": {
                "name": of["name"],
                "where": of["where"],
                "did": {"type": "boolean"},
                "within": {
                    "type": "object",
                    "properties": spans.SCHEMA,
                    "required": ["amount", "unit"],
                    "additionalProperties": False,
                },
            },
            "required": ["name"],
            "additionalProperties": False,
        }
        steps = {"type": "array", "minItems": 2, "maxItems": MOST_STEPS, "items": step}
        return {"properties": {"steps": steps, "window": of["window"]}, "required": ["steps"]}

    def english(self) -> str:
        steps = [f"did {self.first.english()} {self.first.window.words}", *(one.english() for one in self.steps)]
        return f"who {', then '.join(steps)}"

    def members(self, scope: Scope) -> Members:
        return Members(fill("select e.profile_id {rows}", rows=self._rows(scope)))

    def observed(self, scope: Scope) -> Sql:
        return fill(
            "select e.profile_id, 'begun ' || max(e.occurred_at)::text {rows} group by e.profile_id",
            rows=self._rows(scope),
        )

    def behind(self, scope: Scope) -> Sql:
        """The first steps, and of each further step what followed in time, also of those that were not to be done."""
        following = [
            fill(
                "select x.profile_id, x.occurred_at, x.message_id, x.source_id {rows} and {reached}",
                rows=_rows(step, "x", scope, self._floor(scope)),
                reached=self._reached(nth, "x", scope),
            )
            for nth, step in enumerate(self.steps)
        ]
        return join(" union all ", [self.first.behind(scope), *following])

    def depends(self) -> frozenset[str]:
        return self.first.depends().union(*(step.of.depends() for step in self.steps))

    def crossings(self, since: datetime, scope: Scope) -> tuple[Sql, ...]:
        """The window of the first step; times that run out for what was not done; events that lay in the future."""
        found = [*self.first.crossings(since, scope)]
        found += [sql for step in self.steps for sql in replace(step.of, window=EVER).crossings(since, scope)]
        for anchor, within in self._waits():
            age = within.length
            over = Scope(now=scope.now - age, ids=scope.ids, zone=scope.zone)
            found += replace(anchor, window=EVER).crossings(since - age, over)
        return tuple(found)

    def moments(self, scope: Scope, own: ZoneInfo) -> tuple[Sql, ...]:
        found = [*self.first.moments(scope, own)]
        found += [sql for step in self.steps for sql in replace(step.of, window=EVER).moments(scope, own)]
        for anchor, within in self._waits():
            earlier = Scope(now=scope.now - within.length, ids=scope.ids, zone=scope.zone)
            happened = replace(anchor, window=EVER).moments(earlier, own)
            found += [
                fill("select m.at + {age} from ({sql}) m (at)", age=seconds(within.length), sql=sql) for sql in happened
            ]
        return tuple(found)

    def _waits(self) -> list[tuple[Happening, Span]]:
        """What was done, and how long after it a missing step is known to be missing."""
        anchor, found = self.first, []
        for step in self.steps:
            if step.did:
                anchor = step.of
            elif step.within is not None:
                found.append((anchor, step.within))
        return found

    def _rows(self, scope: Scope) -> Sql:
        """Each step is found by its person in the index: what a statement keeps has none, and joins of it are guessed
        too small."""
        rest = self._then(self.steps, "e", scope)
        first = self.first.rows(replace(scope, histories={}))
        return fill("{rows}{possible} and {rest}", rows=first, possible=self._possible(scope), rest=rest)

    def _floor(self, scope: Scope) -> datetime | None:
        """Steps follow a first one, so none that counts is older: the plan need not open older months."""
        return None if self.first.window.is_own else self.first.window.range(scope.now, scope.zone)[0]

    def _possible(self, scope: Scope) -> Sql:
        """Of people who are asked about, only those who did all that is to be done are worth reading."""
        if scope.ids is None:
            return Sql("")
        names = dict.fromkeys(step.of.name for step in self.steps if step.did)
        some = [states.overlapping(name, (self._floor(scope), scope.now), scope) for name in names]
        return join("", [fill(" and e.profile_id in ({some})", some=one) for one in some])

    def _then(self, steps: tuple[Step, ...], anchor: str, scope: Scope) -> Sql:
        """Nested, because a later step is measured from the very event that an earlier one found."""
        step, rest = steps[0], steps[1:]
        alias = f"{anchor}s" if step.did else f"{anchor}n"
        rows = _after(step, alias, anchor, scope, self._floor(scope))
        if step.did:
            inner = fill(" and {rest}", rest=self._then(rest, alias, scope)) if rest else Sql("")
            return fill("exists (select 1 {rows}{inner})", rows=rows, inner=inner)
        missing = [fill("not exists (select 1 {rows})", rows=rows)]
        if step.within is not None:
            missing.append(Sql(f"{anchor}.occurred_at <= %s", (scope.now - step.within.length,)))
        return join(" and ", missing + ([self._then(rest, anchor, scope)] if rest else []))

    def _reached(self, nth: int, alias: str, scope: Scope) -> Sql:
        """Whether the event `alias` of that step follows the done steps before it."""
        done = [earlier for earlier in range(nth) if self.steps[earlier].did]
        if done:
            anchor = f"{alias}a"
            before = fill(
                "{rows} and {reached}",
                rows=_rows(self.steps[done[-1]], anchor, scope, self._floor(scope)),
                reached=self._reached(done[-1], anchor, scope),
            )
        else:
            anchor, before = "e", self.first.rows(scope)
        follows = _follows(self.steps[nth], alias, anchor)
        return fill("exists (select 1 {before} and {follows})", before=before, follows=follows)


def _after(step: Step, alias: str, anchor: str, scope: Scope, floor: datetime | None) -> Sql:
    """Found by its person: naming all who are asked about once more would only mislead the plan."""
    everybody = replace(scope, ids=None)
    return fill(
        "{rows} and {follows}", rows=_rows(step, alias, everybody, floor), follows=_follows(step, alias, anchor)
    )


def _rows(step: Step, alias: str, scope: Scope, floor: datetime | None) -> Sql:
    conditions = [
        Sql(f"{alias}.name = %s and {alias}.occurred_at <= %s", (step.of.name, scope.now)),
        *([] if floor is None else [Sql(f"{alias}.occurred_at > %s", (floor,))]),
        *[one.condition(alias, scope) for one in step.of.where],
    ]
    return fill(
        f"from events_event {alias}{{joined}} where {{all}}{{narrowed}}",
        joined=joined_for([one.of for one in step.of.where], alias, is_own=needs_person(step.of.where)),
        all=join(" and ", conditions),
        narrowed=scope.narrowed(f"{alias}.profile_id"),
    )


def _follows(step: Step, alias: str, anchor: str) -> Sql:
    later = Sql(f"{alias}.profile_id = {anchor}.profile_id and {alias}.occurred_at > {anchor}.occurred_at")
    if step.within is None:
        return later
    return fill(
        f"{{later}} and {alias}.occurred_at <= {anchor}.occurred_at + {{within}}",
        later=later,
        within=seconds(step.within.length),
    )
