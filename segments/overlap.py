"""How much segments share their people: one with all others, and all with each other."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from segments.intervals import Interval, share
from segments.models import Segment
from segments.sampled import Sample, listed, some_members, some_people

# Statements begin with the profiles: PostgreSQL then looks up each person's memberships (0.2 s for 10,000 people in 31
# segments each). Asked for memberships of so many people at once it walks the index of all segments instead: 2.7 s.
SAMPLE = 10_000
"""A share is then right within one point of a hundred (95 of 100 times)."""
FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Overlap:
    """What two segments share. Estimated where `is_exact` is false."""

    one: Segment
    other: Segment
    both: Interval
    """People in both."""
    everybody: int
    is_exact: bool

    @property
    def of_one(self) -> float:
        """Share of the first segment's people that are in the other, 0 to 1."""
        return _part(self.both.value, self.one.size)

    @property
    def of_other(self) -> float:
        return _part(self.both.value, self.other.size)

    @property
    def only_one(self) -> float:
        return max(self.one.size - self.both.value, 0)

    @property
    def only_other(self) -> float:
        return max(self.other.size - self.both.value, 0)

    @property
    def jaccard(self) -> float:
        """People in both, among those in one of the two (Jaccard 1901): 1 is the same people."""
        return _part(self.both.value, self.one.size + self.other.size - self.both.value)

    @property
    def lift(self) -> float:
        """How many times as many as if the two had nothing to do with each other."""
        return _part(self.both.value * self.everybody, self.one.size * self.other.size, most=float("inf"))


@dataclass(frozen=True)
class Together:
    """In which of some segments each person of a sample is, counted by the combination."""

    sample: Sample
    combinations: dict[frozenset[int], int]

    def pairs(self, segments: Sequence[Segment]) -> list[Overlap]:
        """Every two of the segments, the most alike first."""
        n_both = self._both([segment.pk for segment in segments])
        found = [
            self._pair(segments[i], segments[k], int(n_both[i, k]))
            for i in range(len(segments))
            for k in range(i + 1, len(segments))
            if n_both[i, k]
        ]
        return sorted(found, key=lambda pair: -pair.jaccard)

    def _both(self, segment_ids: Sequence[int]) -> FloatArray:
        """People of the sample in both of each two segments: one product of matrices (20,000 by 100 in 40 ms)."""
        column = {segment_id: n for n, segment_id in enumerate(segment_ids)}
        inside = np.zeros((len(self.combinations), len(column)))
        for row, members in enumerate(self.combinations):
            inside[row, [column[one] for one in members if one in column]] = 1
        weights = np.array(list(self.combinations.values()), dtype=float)
        found: FloatArray = (inside * weights[:, None]).T @ inside
        return found

    def _pair(self, one: Segment, other: Segment, n: int) -> Overlap:
        total = self.sample.total
        both = _exactly(n) if self.sample.is_whole else share(n, len(self.sample.ids)).times(total)
        return Overlap(one, other, _within(both, one, other), total, self.sample.is_whole)

    def with_itself(self, segment: Segment) -> Overlap:
        return Overlap(segment, segment, _exactly(segment.size), self.sample.total, is_exact=True)

    def coverage(self) -> dict[int, int]:
        """Number of segments → people of the sample who are in so many."""
        found: dict[int, int] = {}
        for members, n in self.combinations.items():
            found[len(members)] = found.get(len(members), 0) + n
        return found

    def in_none(self) -> Interval:
        """People in none of them, among everybody."""
        n = self.coverage().get(0, 0)
        if self.sample.is_whole:
            return _exactly(n)
        return share(n, len(self.sample.ids)).times(self.sample.total)


def overlaps_of(segment: Segment, others: Collection[Segment], *, everybody: int) -> tuple[Sample, list[Overlap]]:
    """With each of the others that shares somebody, most shared first."""
    known = {other.pk: other for other in others if other.pk != segment.pk}
    sample = some_members(segment, SAMPLE)
    with connection.cursor() as cursor:
        cursor.execute(
            "select m.segment_id, count(*) from profiles_profile p join segments_membership m on m.profile_id = p.id"
            " where p.id = any(%s::bigint[]) group by m.segment_id",
            [listed(sample.ids)],
        )
        rows = [(other_id, n) for other_id, n in cursor.fetchall() if other_id in known]
    found = []
    for other_id, n in rows:
        both = _exactly(n) if sample.is_whole else share(n, len(sample.ids)).times(segment.size)
        other = known[other_id]
        found.append(Overlap(segment, other, _within(both, segment, other), everybody, sample.is_whole))
    return sample, sorted(found, key=lambda one: (-one.both.value, one.other.name))


def together(segment_ids: Collection[int], *, size: int = SAMPLE) -> Together:
    """Combinations are counted by PostgreSQL: far fewer than people times segments come back."""
    sample, wanted = some_people(size), frozenset(segment_ids)
    with connection.cursor() as cursor:
        cursor.execute(
            "select held, count(*) from (select array_agg(m.segment_id order by m.segment_id) as held"
            " from profiles_profile p join segments_membership m on m.profile_id = p.id"
            " where p.id = any(%s::bigint[]) group by m.profile_id) each group by held",
            [listed(sample.ids)],
        )
        combinations = {frozenset[int](): len(sample.ids)}
        for held, n in cursor.fetchall():
            members = wanted.intersection(held)
            combinations[frozenset()] -= n
            combinations[members] = combinations.get(members, 0) + n
    return Together(sample, combinations)


def active(*, now: datetime) -> list[Segment]:
    """Segments that are kept and were right once."""
    kept = Segment.objects.filter(archived_at=None, as_of__lte=now).order_by("name")
    return list(kept.select_related("job"))


def _exactly(n: int) -> Interval:
    return Interval(n, n, n)


def _within(both: Interval, one: Segment, other: Segment) -> Interval:
    """Nobody is in both who is not in the smaller one."""
    most = min(one.size, other.size)
    return Interval(min(both.value, most), min(both.low, most), min(both.high, most))


def _part(part: float, whole: float, *, most: float = 1.0) -> float:
    return min(part / whole, most) if whole > 0 else 0.0
