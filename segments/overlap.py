"""How much segments share their people: one with all others, and all with each other."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from segments.intervals import Interval, share
from segments.models import Segment
from segments.sampled import Sample, listed, some_members, some_people

SAMPLE = 20_000


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
        known = {segment.pk: segment for segment in segments}
        n_both = dict[tuple[int, int], int]()
        for members, n in self.combinations.items():
            inside = sorted(members & known.keys())
            for i, one in enumerate(inside):
                for other in inside[i + 1 :]:
                    n_both[one, other] = n_both.get((one, other), 0) + n
        found = [self._pair(known[one], known[other], n) for (one, other), n in n_both.items()]
        return sorted(found, key=lambda pair: -pair.jaccard)

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
            "select segment_id, count(*) from segments_membership"
            " where profile_id = any(%s::bigint[]) and segment_id = any(%s) group by segment_id",
            [listed(sample.ids), list(known)],
        )
        rows = cursor.fetchall()
    found = []
    for other_id, n in rows:
        both = _exactly(n) if sample.is_whole else share(n, len(sample.ids)).times(segment.size)
        other = known[other_id]
        found.append(Overlap(segment, other, _within(both, segment, other), everybody, sample.is_whole))
    return sample, sorted(found, key=lambda one: (-one.both.value, one.other.name))


def together(segment_ids: Collection[int], *, size: int = SAMPLE) -> Together:
    """Combinations are counted by PostgreSQL: far fewer than people times segments come back."""
    sample = some_people(size)
    with connection.cursor() as cursor:
        cursor.execute(
            "select held, count(*) from (select array_agg(segment_id order by segment_id) as held"
            " from segments_membership where profile_id = any(%s::bigint[]) and segment_id = any(%s)"
            " group by profile_id) each group by held",
            [listed(sample.ids), list(segment_ids)],
        )
        combinations = {frozenset(held): n for held, n in cursor.fetchall()}
    combinations[frozenset()] = len(sample.ids) - sum(combinations.values())
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
