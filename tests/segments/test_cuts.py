"""Published boundaries: full, incremental and after publishing agree; who lies between old and new is told."""

from datetime import timedelta
from typing import Any

import pytest

from cdp.profiles.models import Touched
from cdp.rules.models import PublishedCut
from cdp.rules.tree import UTC
from segments import cuts, save
from segments.models import Membership, MembershipChange, Segment
from segments.refresh import refresh_changes, refresh_fully
from tests.cdp.rules.test_rules import rule
from tests.taking_in import NOW, identify, take_in

pytestmark = pytest.mark.django_db
TOP = {"kind": "percentile", "percent": 20, "of": {"kind": "trait", "name": "points"}}
BOTTOM = {"kind": "top", "side": "bottom", "count": 2, "of": {"kind": "trait", "name": "points"}}


def points(**of: int) -> None:
    take_in([identify(who, traits={"points": n}) for who, n in of.items()])


def a_segment(name: str, leaf: dict[str, Any]) -> Segment:
    segment = save.create(name, rule=rule(leaf), by=None, now=NOW)
    refresh_fully(segment.pk, now=NOW, zone=UTC)
    return segment


def members(segment: Segment) -> set[int]:
    return set(Membership.objects.filter(segment_id=segment.pk).values_list("profile_id", flat=True))


@pytest.mark.parametrize("leaf", [TOP, BOTTOM])
def test_full_incremental_and_after_publishing_agree(leaf: dict[str, Any]) -> None:
    points(**{f"p{n}": n for n in range(10)})
    kept = a_segment("kept", leaf)
    refresh_changes(now=NOW, zone=UTC)
    now = NOW
    for changed in ({"p0": 50, "p1": 60}, {"p9": 1, "new": 70}, {"p5": 0, "p6": 0, "p7": 0}):
        now += timedelta(days=1)
        points(**changed)
        refresh_changes(now=now, zone=UTC)
        assert members(kept) == members(a_segment("with the old cut", leaf))
        Segment.objects.exclude(pk=kept.pk).delete()
        cuts.publish_all(now=now, zone=UTC)
        refresh_changes(now=now, zone=UTC)
        assert members(kept) == members(a_segment("with the new cut", leaf))
        Segment.objects.exclude(pk=kept.pk).delete()
    assert PublishedCut.objects.get().version > 1


def test_only_those_between_are_told_and_triggers_may_react() -> None:
    points(**{f"p{n}": n for n in range(10)})
    segment = a_segment("S", TOP)
    points(p0=50, p1=60)
    refresh_changes(now=NOW, zone=UTC)
    assert len(members(segment)) == 5
    done = cuts.publish_all(now=NOW, zone=UTC)
    assert (done.measured, done.moved, done.people) == (1, 1, 2)
    assert Touched.objects.filter(reader="segments").count() == 2
    refresh_changes(now=NOW, zone=UTC)
    left = MembershipChange.objects.filter(kind="left")
    assert [one.cause for one in left] == ["trait", "trait"]
    assert cuts.publish_all(now=NOW, zone=UTC).moved == 0


def test_where_too_many_lie_between_the_segment_waits_for_a_full_refresh(monkeypatch: pytest.MonkeyPatch) -> None:
    points(**{f"p{n}": n for n in range(10)})
    segment = a_segment("S", TOP)
    refresh_changes(now=NOW, zone=UTC)
    points(p0=50, p1=60)
    refresh_changes(now=NOW, zone=UTC)
    monkeypatch.setattr(cuts, "MOST_TOUCHED", 1)
    cuts.publish_all(now=NOW, zone=UTC)
    assert Segment.objects.get(pk=segment.pk).is_stale
    assert not Touched.objects.exists()


def test_a_cut_that_two_name_is_measured_once_and_forgotten_when_nobody_does() -> None:
    points(ann=1)
    segments = [a_segment("A", TOP), a_segment("B", TOP)]
    assert cuts.publish_all(now=NOW, zone=UTC).measured == 1
    for one in segments:
        save.archive(one, now=NOW)
    assert cuts.publish_all(now=NOW, zone=UTC).forgotten == 0
    assert cuts.publish_all(now=NOW + timedelta(days=2), zone=UTC).forgotten == 1
