"""What stewards decided since a moment, and what that did."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q

from identity.models import Decision
from identity.who import Names

Verdict = Decision.Verdict


@dataclass(frozen=True)
class Tally:
    """One steward's decisions that still hold, and how many were undone."""

    name: str
    is_own: bool
    merged: int
    apart: int
    later: int
    split: int
    undone: int

    @property
    def total(self) -> int:
        return self.merged + self.apart + self.later + self.split


def tallies(*, since: datetime, by: str) -> list[Tally]:
    """`by`'s own first, then the busiest."""
    holds = Q(undone_at=None)
    rows = (
        Decision.objects.filter(at__gte=since)
        .values("by")
        .annotate(
            merged=Count("id", filter=holds & Q(verdict=Verdict.SAME)),
            apart=Count("id", filter=holds & Q(verdict=Verdict.DIFFERENT)),
            later=Count("id", filter=holds & Q(verdict=Verdict.LATER)),
            split=Count("id", filter=holds & Q(verdict__in=[Verdict.SPLIT, Verdict.UNMERGED])),
            undone=Count("id", filter=~holds),
        )
    )
    names = Names([row["by"] for row in rows])
    found = [
        _tally(row, name="You" if row["by"] == by else names.of(row["by"]), is_own=row["by"] == by) for row in rows
    ]
    return sorted(found, key=lambda one: (not one.is_own, -one.total, one.name))


def _tally(row: Mapping[str, Any], *, name: str, is_own: bool) -> Tally:
    return Tally(name, is_own, row["merged"], row["apart"], row["later"], row["split"], row["undone"])
