"""The audit: each remark on a segment that earns it, and on no other."""

from datetime import timedelta
from typing import Any

import pytest

from campaigns.models import Campaign, Template
from segments.audit import Facts, Findings, conflicts, findings, nearly_equal, size_changed_at, unseen_faults
from segments.freshness import State, freshness
from segments.models import Fault, Segment, SegmentSize
from segments.overlap import together
from segments.uses import mentioned, uses_of
from tests.factories import NOW
from tests.segments.laid import a_segment, in_segment, people

pytestmark = pytest.mark.django_db
OLD = NOW - timedelta(days=60)


def audited() -> Findings:
    segments = list(Segment.objects.select_related("job"))
    ids = [one.pk for one in segments]
    return findings(Facts(segments, uses_of(ids), {}, unseen_faults(ids), size_changed_at(ids)), now=NOW)


def names(remarks: list[Any]) -> list[str]:
    return sorted(one.segment.name for one in remarks)


def test_each_remark_is_on_the_segments_that_earn_it() -> None:
    ids = people(3)
    sound = a_segment("Sound", ids)
    a_segment("Uses sound", ids, rule=in_segment(sound), created_at=NOW)
    failing = a_segment("Failing", ids, error="no such event")
    a_segment("Behind", ids, as_of=NOW - timedelta(hours=1))
    a_segment("Empty")
    a_segment("Unused", ids, created_at=OLD)
    faulty = a_segment("Faulty", ids)
    Fault.objects.create(segment_id=faulty.pk, at=NOW, missing=1, extra=0)
    archived = a_segment("Archived", ids, archived_at=NOW, created_at=OLD)
    a_segment("On archived", ids, rule=in_segment(archived, "not_in"))
    a_segment("On failing", ids, rule=in_segment(failing))
    a_segment("On nothing", ids, rule={"version": 1, "root": {"kind": "segment", "id": 10**6, "op": "in"}})
    for one in Segment.objects.all():
        SegmentSize.objects.create(segment_id=one.pk, at=NOW, size=one.size)
    SegmentSize.objects.filter(segment_id=sound.pk).update(at=OLD)
    found = audited()
    assert names(found.failing) == ["Failing", "Faulty"]
    assert names(found.late) == ["Behind"]
    assert names(found.empty) == ["Empty"]
    assert names(found.unused) == ["Unused"]
    assert names(found.depending) == ["On archived", "On failing", "On nothing"]
    assert names(found.unchanged) == ["Sound"]
    assert names(found.odd) == []


def test_a_fault_that_was_seen_alarms_no_more() -> None:
    segment = a_segment("S", people(1))
    Fault.objects.create(segment_id=segment.pk, at=NOW, missing=1, extra=0, seen_at=NOW)
    assert names(audited().failing) == []


def test_nearly_equal_segments_are_told_and_small_ones_are_not() -> None:
    ids = people(100)
    kept = [a_segment("A", ids[:50]), a_segment("B", ids[:48]), a_segment("C", ids[90:]), a_segment("D", ids[90:])]
    found = nearly_equal(together([one.pk for one in kept]).pairs(kept))
    assert [(pair.one.name, pair.other.name) for pair in found] == [("A", "B")]


def a_campaign(name: str, segment: Segment, *, state: str = "sending", content: Any = None) -> Campaign:
    template = Template.objects.create(name=name, content=content or {}, created_at=NOW, changed_at=NOW)
    campaign = Campaign.objects.create(name=name, template=template, state=state, created_at=NOW)
    campaign.included.set([segment])
    return campaign


def test_campaigns_conflict_that_are_sent_at_the_same_time_to_the_same_people() -> None:
    ids = people(100)
    one, other, far = a_segment("One", ids[:50]), a_segment("Other", ids[:40]), a_segment("Far", ids[50:])
    a_campaign("Spring", one)
    a_campaign("Loyalty", other)
    a_campaign("Draft", other, state="draft")
    a_campaign("Elsewhere", far)
    a_campaign("Spring again", one)
    segments = [one, other, far]
    counted = together([segment.pk for segment in segments])
    pairs = [*counted.pairs(segments), *map(counted.with_itself, segments)]
    found = conflicts(pairs, uses_of([segment.pk for segment in segments]))
    met = {frozenset((conflict.one.name, conflict.other.name)) for conflict in found}
    assert met == {
        frozenset(("Spring", "Loyalty")),
        frozenset(("Spring again", "Loyalty")),
        frozenset(("Spring", "Spring again")),
    }
    assert len(found) == len(met)


def test_uses_are_found_in_rules_audiences_and_conditions_of_mails() -> None:
    segment, other = a_segment("S"), a_segment("T")
    a_segment("Built on it", rule=in_segment(segment))
    a_segment("Gone", rule=in_segment(segment), archived_at=NOW)
    a_campaign("To it", segment, state="sent")
    block = {"kind": "text", "text": "x", "when": in_segment(segment)}
    a_campaign("Speaks of it", other, state="draft", content={"version": 2, "blocks": [block]})
    found = uses_of([segment.pk, other.pk])
    assert [(use.kind, use.name) for use in found[segment.pk]] == [
        ("Segment", "Built on it"),
        ("Campaign", "Speaks of it"),
        ("Campaign", "To it"),
    ]
    assert [use.name for use in found[other.pk]] == ["Speaks of it"]
    assert mentioned([{"kind": "segment", "id": "x"}, {"kind": "item", "id": 3}]) == set()


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({}, State.LIVE),
        ({"as_of": NOW - timedelta(hours=1)}, State.BEHIND),
        ({"as_of": None, "is_stale": True}, State.WAITING),
        ({"is_stale": True}, State.WAITING),
        ({"error": "x", "is_stale": True}, State.FAILED),
        ({"archived_at": NOW, "error": "x"}, State.ARCHIVED),
        ({"kind": "static"}, State.FIXED),
        ({"pace": "daily", "as_of": NOW - timedelta(hours=20), "due_at": NOW + timedelta(hours=4)}, State.SCHEDULED),
        ({"pace": "daily", "due_at": NOW - timedelta(hours=1)}, State.OVERDUE),
    ],
)
def test_how_right_a_segment_is(fields: dict[str, Any], state: State) -> None:
    assert freshness(a_segment("S", **fields), now=NOW).state is state
