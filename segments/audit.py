"""What is not right, or not needed, among all segments."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Max

from segments.freshness import Freshness, freshness
from segments.models import Fault, Segment, SegmentSize
from segments.overlap import Overlap
from segments.sizes import Sizes
from segments.uses import Use, mentioned

NEARLY_EQUAL = 0.8
"""Two segments of which the people in both are so large a part of those in one of them."""
FEWEST = 20
"""People in both: below, being alike is chance."""
HEAVY = 0.3
"""So large a part of the smaller audience hears from both campaigns."""
NEW_FOR = timedelta(days=14)
"""A segment nobody uses yet is not called unused before."""
UNCHANGED_FOR = timedelta(days=30)


@dataclass(frozen=True)
class Remark:
    """One segment, and what there is to say about it."""

    segment: Segment
    words: str


@dataclass(frozen=True)
class Conflict:
    """Two campaigns that speak to many of the same people at the same time."""

    one: Use
    other: Use
    pair: Overlap

    @property
    def of_smaller(self) -> float:
        return max(self.pair.of_one, self.pair.of_other)


@dataclass
class Findings:
    failing: list[Remark] = field(default_factory=list)
    late: list[Remark] = field(default_factory=list)
    depending: list[Remark] = field(default_factory=list)
    empty: list[Remark] = field(default_factory=list)
    unused: list[Remark] = field(default_factory=list)
    odd: list[Remark] = field(default_factory=list)
    unchanged: list[Remark] = field(default_factory=list)


@dataclass(frozen=True)
class Facts:
    """What is known of all segments, archived ones as well, read once."""

    segments: Sequence[Segment]
    uses: Mapping[int, Sequence[Use]]
    sizes: Mapping[int, Sizes]
    faults: Mapping[int, int]
    """Faults that nobody has seen yet."""
    changed_at: Mapping[int, datetime]
    """When the size last became another."""


def unseen_faults(segment_ids: Collection[int]) -> dict[int, int]:
    rows = Fault.objects.filter(segment_id__in=segment_ids, seen_at=None).values_list("segment_id", flat=True)
    found: dict[int, int] = {}
    for segment_id in rows:
        found[segment_id] = found.get(segment_id, 0) + 1
    return found


def size_changed_at(segment_ids: Collection[int]) -> dict[int, datetime]:
    rows = SegmentSize.objects.filter(segment_id__in=segment_ids)
    return dict(rows.values("segment_id").annotate(last=Max("at")).values_list("segment_id", "last"))


def findings(facts: Facts, *, now: datetime) -> Findings:
    found = Findings()
    kept = {one.pk: one for one in facts.segments if not one.archived_at}
    for segment in kept.values():
        fresh = freshness(segment, now=now)
        _about_health(found, segment, fresh, facts.faults.get(segment.pk, 0), now=now)
        if words := _leans_on(segment, {one.pk: one for one in facts.segments}):
            found.depending.append(Remark(segment, words))
        _about_worth(found, segment, facts, now=now)
    return found


def _about_health(found: Findings, segment: Segment, fresh: Freshness, faults: int, *, now: datetime) -> None:
    if segment.error:
        found.failing.append(Remark(segment, segment.error))
    elif faults:
        times = "once" if faults == 1 else f"{faults} times"
        found.failing.append(Remark(segment, f"A check found memberships wrong {times}, and put them right."))
    elif fresh.is_late:
        found.late.append(Remark(segment, fresh.words))
    elif segment.is_stale and segment.as_of and now - segment.changed_at > timedelta(minutes=15):
        found.late.append(Remark(segment, "Waits for a full refresh"))


def _leans_on(segment: Segment, known: Mapping[int, Segment]) -> str:
    said = []
    for other_id in sorted(mentioned(segment.rule)):
        other = known.get(other_id)
        if other is None:
            said.append(f"segment {other_id}, which is gone")
        elif other.archived_at:
            said.append(f"“{other.name}”, which is archived")
        elif other.error:
            said.append(f"“{other.name}”, which fails")
    return f"Built on {' and '.join(said)}" if said else ""


def _about_worth(found: Findings, segment: Segment, facts: Facts, *, now: datetime) -> None:
    if segment.as_of is None:
        return
    if segment.size == 0:
        changed_on = facts.changed_at.get(segment.pk)
        found.empty.append(Remark(segment, f"Since {changed_on:%Y-%m-%d}." if changed_on else "Nobody ever was in it."))
    if not facts.uses.get(segment.pk) and now - segment.created_at > NEW_FOR:
        found.unused.append(
            Remark(segment, f"{segment.size:,} people, made {(now - segment.created_at).days} days ago.")
        )
    sizes = facts.sizes.get(segment.pk)
    if sizes and sizes.is_odd():
        before = next(size for size in reversed(sizes.per_day[:-1]) if size is not None)
        found.odd.append(Remark(segment, f"{sizes.now - before:+,} since yesterday, far more than days usually bring."))
    changed_at = facts.changed_at.get(segment.pk, segment.created_at)
    if segment.kind == Segment.Kind.RULE and segment.size and now - changed_at > UNCHANGED_FOR:
        found.unchanged.append(Remark(segment, f"The same size for {(now - changed_at).days} days."))


def nearly_equal(pairs: Sequence[Overlap]) -> list[Overlap]:
    return [pair for pair in pairs if pair.jaccard >= NEARLY_EQUAL and pair.both.value >= FEWEST]


def conflicts(pairs: Sequence[Overlap], uses: Mapping[int, Sequence[Use]]) -> list[Conflict]:
    """Two campaigns to one segment meet all its people."""
    sending = {segment_id: [use for use in found if use.is_sending] for segment_id, found in uses.items()}
    found = [
        Conflict(one, other, pair)
        for pair in pairs
        for one in sending.get(pair.one.pk, [])
        for other in sending.get(pair.other.pk, [])
        if one.url < other.url or (one.url != other.url and pair.one.pk != pair.other.pk)
    ]
    heavy = [one for one in found if one.of_smaller >= HEAVY and one.pair.both.value >= FEWEST]
    return sorted(heavy, key=lambda one: -one.pair.both.value)
