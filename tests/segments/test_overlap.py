"""Overlap and coverage, counted and estimated, against sets."""

import pytest

from cdp.profiles.models import Profile
from segments import overlap
from segments.models import Segment
from segments.overlap import active, overlaps_of, together
from segments.people_in import Wanted, people_in
from segments.sampled import some_members, some_people
from tests.factories import NOW
from tests.segments.laid import a_segment, people

pytestmark = pytest.mark.django_db


@pytest.fixture
def laid() -> tuple[list[int], list[Segment]]:
    ids = people(100)
    return ids, [a_segment("A", ids[:60]), a_segment("B", ids[40:80]), a_segment("C", ids[:60]), a_segment("D")]


def test_overlap_with_the_others_is_exact_while_segments_are_small(laid: tuple[list[int], list[Segment]]) -> None:
    _, (a, b, c, d) = laid
    sample, found = overlaps_of(a, [a, b, c, d], everybody=100)
    assert sample.is_whole
    assert [(one.other.name, one.both.value) for one in found] == [("C", 60), ("B", 20)]
    same, half = found
    assert (same.jaccard, same.of_one, same.of_other) == (1, 1, 1)
    assert half.jaccard == pytest.approx(20 / 80)
    assert half.of_one == pytest.approx(1 / 3)
    assert half.lift == pytest.approx(20 * 100 / (60 * 40))
    assert (half.only_one, half.only_other) == (40, 20)


def test_everybody_is_counted_once_by_the_segments_they_are_in(laid: tuple[list[int], list[Segment]]) -> None:
    _, segments = laid
    found = together([one.pk for one in segments])
    assert found.coverage() == {0: 20, 1: 20, 2: 40, 3: 20}
    assert found.in_none().value == 20
    assert [(p.one.name, p.other.name, p.both.value) for p in found.pairs(segments)] == [
        ("A", "C", 60),
        ("A", "B", 20),
        ("B", "C", 20),
    ]


def test_estimates_say_between_what_the_truth_lies(
    laid: tuple[list[int], list[Segment]], monkeypatch: pytest.MonkeyPatch
) -> None:
    ids, (a, b, *_) = laid
    found = together([a.pk, b.pk], size=50)
    assert not found.sample.is_whole
    assert len(found.sample.ids) == 50
    none, pair = found.in_none(), found.pairs([a, b])[0]
    assert none.low < none.value < none.high
    assert none.low <= 20 <= none.high
    assert pair.both.low <= 20 <= pair.both.high
    monkeypatch.setattr(overlap, "SAMPLE", 30)
    sample, pairs = overlaps_of(a, [b], everybody=100)
    assert len(sample.ids) <= 30
    assert pairs[0].both.low <= 20 <= pairs[0].both.high
    assert set(sample.ids) <= set(ids[:60])


def test_a_sample_is_the_same_each_time_and_never_holds_merged_people() -> None:
    ids = people(300)
    merged = some_people(100).ids[0]
    from_profiles = some_people(100)
    assert some_people(100) == from_profiles
    Profile.objects.filter(pk=merged).update(merged_into=ids[-1])
    assert merged not in some_people(100).ids
    assert some_people(1_000).is_whole
    assert some_members(a_segment("A", ids), 1_000).is_whole


def test_people_by_segments_are_the_sets_they_name(laid: tuple[list[int], list[Segment]]) -> None:
    ids, (a, b, c, _) = laid

    def found(**wanted: object) -> list[int]:
        return sorted(people_in(Wanted(**wanted)).values_list("pk", flat=True))  # type: ignore[arg-type]

    assert found(inside=(a.pk, b.pk)) == ids[40:60]
    assert found(inside=(b.pk,), outside=(a.pk,)) == ids[60:80]
    assert found(is_in_none=True) == ids[80:]
    assert found() == ids
    Segment.objects.filter(pk__in=[a.pk, c.pk]).update(archived_at=NOW)
    assert found(is_in_none=True) == ids[:40] + ids[80:]
    assert {one.name for one in active(now=NOW)} == {"B", "D"}
