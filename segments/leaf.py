"""`segment`: being in another segment, or not."""

from dataclasses import dataclass
from typing import ClassVar

from cdp.rules.fields import Fields, RuleError
from cdp.rules.sql import Sql, fill
from cdp.rules.tree import Leaf, Members, Outside, Scope
from segments.models import Segment


def living() -> tuple[tuple[int, str], ...]:
    """Ids and names of the segments that rules can name."""
    return tuple(Segment.objects.filter(archived_at=None).order_by("id").values_list("id", "name"))


@dataclass(frozen=True)
class SegmentLeaf(Leaf):
    kind: ClassVar[str] = "segment"
    segment_id: int
    name: str
    is_in: bool

    @classmethod
    def parse(cls, fields: Fields) -> "SegmentLeaf":
        fields.only("kind", "id", "op")
        segment_id = fields.whole("id", least=1, most=2**53)
        is_in = fields.choice("op", ("in", "not_in")) == "in"
        name = Segment.objects.filter(pk=segment_id, archived_at=None).values_list("name", flat=True).first()
        if name is None:
            raise RuleError(fields.at("id"), f"there is no segment {segment_id}, or it is archived")
        return cls(segment_id, name, is_in)

    def english(self) -> str:
        return f"who {'are' if self.is_in else 'are not'} in “{self.name}”"

    def members(self, scope: Scope) -> Members:
        return Members(self._select("profile_id", scope), is_complement=not self.is_in)

    def observed(self, scope: Scope) -> Sql:
        return self._select("profile_id, 'since ' || entered_at::text", scope)

    def depends(self) -> frozenset[str]:
        return frozenset({f"segment:{self.segment_id}"})

    def outside(self) -> frozenset[Outside]:
        return frozenset({living})

    def _select(self, what: str, scope: Scope) -> Sql:
        return fill(
            f"select {what} from segments_membership where segment_id = {{id}}{{narrowed}}",
            id=self.segment_id,
            narrowed=scope.narrowed("profile_id"),
        )
