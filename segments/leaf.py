"""`segment`: being in another segment, or not, since when, or having left it; `overlap`: being in several."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from cdp.rules import spans
from cdp.rules.fields import Fields, RuleError
from cdp.rules.limit import Limit, limit_schema
from cdp.rules.spans import Span, parse_span, seconds
from cdp.rules.sql import Sql, fill
from cdp.rules.tree import Leaf, Members, Outside, Scope
from segments.models import Segment

OPS = {
    "in": "who are in {name}",
    "not_in": "who are not in {name}",
    "entered_within": "who came into {name} in the last {span}",
    "in_for": "who came into {name} before the last {span}",
    "left_within": "who left {name} in the last {span} and did not come back",
}
TIMED = ("entered_within", "in_for", "left_within")
MOST = 50
ID = {"type": "integer", "minimum": 1, "maximum": 2**53}
_SIDES = {"entered_within": ">", "in_for": "<=", "left_within": ">"}


def living() -> tuple[tuple[int, str], ...]:
    """Ids and names of the segments that rules can name."""
    return tuple(Segment.objects.filter(archived_at=None).order_by("id").values_list("id", "name"))


@dataclass(frozen=True)
class SegmentLeaf(Leaf):
    kind: ClassVar[str] = "segment"
    segment_id: int
    name: str
    op: str
    span: Span | None = None

    @classmethod
    def parse(cls, fields: Fields) -> "SegmentLeaf":
        op = fields.choice("op", OPS)
        fields.only("kind", "id", "op", *(["amount", "unit"] if op in TIMED else []))
        segment_id = fields.whole("id", least=1, most=2**53)
        span = parse_span(fields) if op in TIMED else None
        return cls(segment_id, _name(segment_id, fields.at("id")), op, span)

    @classmethod
    def schema(cls) -> dict[str, Any]:
        plain = {"enum": [op for op in OPS if op not in TIMED]}
        return {
            "oneOf": [
                {"properties": {"id": ID, "op": plain}, "required": ["id", "op"]},
                {
                    "properties": {"id": ID, "op": {"enum": list(TIMED)}, **spans.SCHEMA},
                    "required": ["id", "op", "amount", "unit"],
                },
            ]
        }

    def english(self) -> str:
        return OPS[self.op].format(name=f"“{self.name}”", span=self.span.words if self.span else "")

    def members(self, scope: Scope) -> Members:
        if self.span is None:
            return Members(self._select("t.profile_id", scope), is_complement=self.op == "not_in")
        edge = fill(f"t.{self._at} {_SIDES[self.op]} {{edge}}", edge=scope.now - self.span.length)
        return Members(self._select("t.profile_id", scope, edge))

    def observed(self, scope: Scope) -> Sql:
        """Since when they are in it, or when they left."""
        if self.op == "left_within":
            times = self._select("t.profile_id, t.at", scope)
            return fill("select t.profile_id, 'left ' || max(t.at)::text from ({times}) t group by 1", times=times)
        return self._select("t.profile_id, 'since ' || t.entered_at::text", scope)

    def depends(self) -> frozenset[str]:
        return frozenset({f"segment:{self.segment_id}"})

    def outside(self) -> frozenset[Outside]:
        return frozenset({living})

    def crossings(self, since: datetime, scope: Scope) -> tuple[Sql, ...]:
        """By the indexes of memberships and of leavings, by their time."""
        if self.span is None:
            return ()
        passed = fill(
            f"t.{self._at} > {{after}} and t.{self._at} <= {{until}}",
            after=since - self.span.length,
            until=scope.now - self.span.length,
        )
        return (self._select("t.profile_id", scope, passed),)

    def moments(self, scope: Scope, own: ZoneInfo) -> tuple[Sql, ...]:
        if self.span is None:
            return ()
        age = seconds(self.span.length)
        return (fill("select t.at + {age} from ({times}) t (at)", age=age, times=self._select(f"t.{self._at}", scope)),)

    @property
    def _at(self) -> str:
        return "at" if self.op == "left_within" else "entered_at"

    def _select(self, what: str, scope: Scope, condition: Sql | None = None) -> Sql:
        table = "segments_membership t where t.segment_id = {id}"
        if self.op == "left_within":
            table = (
                "segments_membershipchange t where t.segment_id = {id} and t.kind = 'left' and not exists (select 1"
                " from segments_membership m where m.segment_id = {id} and m.profile_id = t.profile_id)"
            )
        return fill(
            f"select {what} from {table}{{condition}}{{narrowed}}",
            id=self.segment_id,
            condition=Sql("") if condition is None else fill(" and {condition}", condition=condition),
            narrowed=scope.narrowed("t.profile_id"),
        )


@dataclass(frozen=True)
class OverlapLeaf(Leaf):
    kind: ClassVar[str] = "overlap"
    segments: tuple[tuple[int, str], ...]
    """(id, name)."""
    limit: Limit

    @classmethod
    def parse(cls, fields: Fields) -> "OverlapLeaf":
        fields.only("kind", "segments", "op", "value", "to")
        said = fields.value("segments")
        if not isinstance(said, list) or not 2 <= len(said) <= MOST:
            raise RuleError(fields.at("segments"), f"must be a list of 2 to {MOST} segments")
        found: dict[int, str] = {}
        for index, one in enumerate(said):
            key = f"segments[{index}]"
            segment_id = Fields({key: one}, fields.place).whole(key, least=1, most=2**53)
            if segment_id in found:
                raise RuleError(fields.at(key), "is there already")
            found[segment_id] = _name(segment_id, fields.at(key))
        return cls(tuple(found.items()), Limit.parse(fields))

    @classmethod
    def schema(cls) -> dict[str, Any]:
        segments = {"type": "array", "items": ID, "minItems": 2, "maxItems": MOST, "uniqueItems": True}
        return {"properties": {"segments": segments, **limit_schema()}, "required": ["segments", "op"]}

    def english(self) -> str:
        return f"who are in {self.limit.english()} of {', '.join(f'“{name}”' for _, name in self.segments)}"

    def members(self, scope: Scope) -> Members:
        is_complement = self.limit.holds_for_zero()
        return Members(
            fill(
                "select m.profile_id {rows} group by m.profile_id having "
                + ("not ({held})" if is_complement else "{held}"),
                rows=self._rows(scope),
                held=self.limit.condition(Sql("count(*)")),
            ),
            is_complement,
        )

    def observed(self, scope: Scope) -> Sql:
        return fill(
            "select m.profile_id, count(*)::text || ': ' || string_agg(s.name, ', ' order by s.name)"
            " from (select m.profile_id, m.segment_id {rows}) m join segments_segment s on s.id = m.segment_id"
            " group by m.profile_id",
            rows=self._rows(scope),
        )

    def depends(self) -> frozenset[str]:
        return frozenset(f"segment:{segment_id}" for segment_id, _ in self.segments)

    def outside(self) -> frozenset[Outside]:
        return frozenset({living})

    def _rows(self, scope: Scope) -> Sql:
        return fill(
            "from segments_membership m where m.segment_id = any({ids}){narrowed}",
            ids=[segment_id for segment_id, _ in self.segments],
            narrowed=scope.narrowed("m.profile_id"),
        )


def _name(segment_id: int, place: str) -> str:
    name = Segment.objects.filter(pk=segment_id, archived_at=None).values_list("name", flat=True).first()
    if name is None:
        raise RuleError(place, f"there is no segment {segment_id}, or it is archived")
    return name
