"""`listed`: being on the list of a static segment. Its one leaf, so that refreshes, merges and explanations know one
way only. Rules that people write name the segment instead."""

from dataclasses import dataclass
from typing import Any, ClassVar

from cdp.rules.fields import Fields
from cdp.rules.sql import Sql, fill
from cdp.rules.tree import VERSION, Leaf, Members, Scope


@dataclass(frozen=True)
class ListedLeaf(Leaf):
    kind: ClassVar[str] = "listed"
    segment_id: int

    @classmethod
    def parse(cls, fields: Fields) -> "ListedLeaf":
        fields.only("kind", "id")
        return cls(fields.whole("id", least=1, most=2**53))

    @classmethod
    def schema(cls) -> dict[str, Any]:
        return {"properties": {"id": {"type": "integer", "minimum": 1, "maximum": 2**53}}, "required": ["id"]}

    def english(self) -> str:
        return "who are on its list"

    def members(self, scope: Scope) -> Members:
        return Members(
            fill(
                "select profile_id from segments_listing where segment_id = {id}{narrowed}",
                id=self.segment_id,
                narrowed=scope.narrowed("profile_id"),
            )
        )

    def observed(self, scope: Scope) -> Sql:
        return fill(
            "select profile_id, 'listed ' || to_char(min(listed_at) at time zone 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC'"
            " from segments_listing where segment_id = {id}{narrowed} group by profile_id",
            id=self.segment_id,
            narrowed=scope.narrowed("profile_id"),
        )

    def depends(self) -> frozenset[str]:
        return frozenset({fact(self.segment_id)})


def fact(segment_id: int) -> str:
    """What readers are told when a person was put on the list or taken off."""
    return f"listed:{segment_id}"


def rule_of(segment_id: int) -> dict[str, Any]:
    return {"version": VERSION, "root": {"kind": ListedLeaf.kind, "id": segment_id}}
