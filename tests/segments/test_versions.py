"""Versions: what a segment was, who changed it, what the difference is, and the way back."""

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps

from cdp.rules.fields import RuleError
from cdp.rules.tree import UTC
from segments import save
from segments.duplicate import duplicate
from segments.go_back import go_back
from segments.models import Membership, Segment, SegmentVersion
from segments.refresh import refresh_changes, refresh_fully
from segments.restore import restore
from segments.rule_difference import difference
from segments.schedule import Schedule
from segments.versions import Draft, what_changed
from tests.cdp.rules.test_rules import BUY, VIEW, event, no, rule, trait
from tests.factories import a_user
from tests.taking_in import NOW, take_in, track

pytestmark = pytest.mark.django_db
ROME, OSLO = rule(trait("city", "is", "Rome")), rule(trait("city", "is", "Oslo"))


def a_rule(*leaves: dict[str, Any]) -> Segment:
    return save.create("Romans", rule=rule(*leaves) if leaves else ROME, by=None, now=NOW)


def test_each_change_writes_who_when_and_what() -> None:
    mara = a_user(name="Mara")
    made = a_rule()
    segment = save.change(made, Draft("People of Oslo", OSLO, "", Schedule("daily")), by=mara, now=NOW)
    newest = segment.versions.get(number=2)
    assert (newest.by, newest.at, newest.name, newest.pace) == (mara, NOW, "People of Oslo", "daily")
    told = what_changed(list(segment.versions.order_by("-number")))
    assert [one.version.number for one in told] == [2, 1]
    assert told[0].rule.changed == (("whose city is “Rome”", "whose city is “Oslo”"),)
    assert told[0].others == (
        "Renamed from “Romans” to “People of Oslo”",
        "Refreshed every day instead of at once",
    )


def test_what_changes_nothing_writes_no_version() -> None:
    segment = a_rule()
    assert save.change(segment, Draft("Romans", ROME), by=None, now=NOW).version == 1
    save.move(segment, folder=" Cities ")
    segment.refresh_from_db()
    assert (segment.folder, segment.version) == ("Cities", 1)


def test_a_new_name_is_no_new_rule() -> None:
    segment = a_rule()
    refresh_fully(segment.pk, now=NOW, zone=UTC)
    segment = save.change(segment, Draft("People of Rome", ROME), by=None, now=NOW)
    assert (segment.version, segment.is_stale) == (2, False)
    assert save.change(segment, Draft("People of Rome", OSLO), by=None, now=NOW).is_stale


def test_an_editor_who_saw_an_older_version_is_told() -> None:
    segment = a_rule()
    save.change(segment, Draft("Romans", OSLO), by=a_user(email="stew@example.com"), now=NOW, opened=1)
    with pytest.raises(save.Changed, match=r"stew@example.com saved version 2") as told:
        save.change(segment, Draft("Romans", rule(event(VIEW))), by=None, now=NOW, opened=1)
    assert told.value.version == 2
    assert Segment.objects.get().rule == OSLO


def test_going_back_is_a_new_version_that_keeps_the_name() -> None:
    segment = a_rule()
    save.change(segment, Draft("Norwegians", OSLO, "", Schedule("hourly")), by=None, now=NOW)
    back = go_back(segment.versions.get(number=1), by=None, now=NOW, zone=UTC)
    assert (back.version, back.name, back.rule, back.pace) == (3, "Norwegians", ROME, "live")
    assert back.versions.get(number=3).note == "Went back to version 1"


def test_going_back_refuses_a_circle_and_a_rule_that_cannot_be_read() -> None:
    first = a_rule()
    other = save.create("B", rule=rule({"kind": "segment", "id": first.pk, "op": "in"}), by=None, now=NOW)
    closing = SegmentVersion.objects.create(
        segment=first,
        number=9,
        name="x",
        rule=rule({"kind": "segment", "id": other.pk, "op": "in"}),
        pace="live",
        at=NOW,
    )
    with pytest.raises(RuleError, match="depend on itself"):
        go_back(closing, by=None, now=NOW, zone=UTC)
    closing.rule = rule({"kind": "segment", "id": 10**9, "op": "in"})
    with pytest.raises(RuleError, match=r"root.*id: there is no segment"):
        go_back(closing, by=None, now=NOW, zone=UTC)


def test_a_taken_name_and_a_list_in_a_rule_are_refused() -> None:
    a_rule()
    with pytest.raises(save.NameTaken):
        a_rule()
    with pytest.raises(RuleError, match="names a list"):
        save.create("L", rule=rule({"kind": "listed", "id": 1}), by=None, now=NOW)


@pytest.mark.parametrize(
    ("old", "new", "added", "removed", "changed", "is_rearranged"),
    [
        (rule(trait("a", "is_set")), rule(trait("a", "is_set")), 0, 0, 0, False),
        (rule(trait("a", "is_set")), rule(trait("a", "is_set"), event(BUY)), 1, 0, 0, False),
        (rule(trait("a", "is_set"), event(BUY)), rule(event(BUY)), 0, 1, 0, False),
        (rule(event(BUY)), rule(event(BUY, "at_least", 3)), 0, 0, 1, False),
        (rule(event(BUY)), rule(no(event(BUY))), 0, 0, 1, False),
        (rule(event(BUY)), rule(event(VIEW)), 1, 1, 0, False),
        (
            rule(trait("a", "is_set"), event(BUY)),
            {"version": 1, "root": {"kind": "any", "of": [trait("a", "is_set"), event(BUY)]}},
            0, 0, 0, True,
        ),
        ({}, rule(event(BUY)), 1, 1, 0, False),
        (rule({"kind": "gone"}), rule(event(BUY)), 1, 1, 0, False),
    ],
)  # fmt: skip
def test_the_difference_of_two_rules(
    old: Any, new: Any, added: int, removed: int, changed: int, is_rearranged: bool
) -> None:
    found = difference(old, new)
    assert (len(found.added), len(found.removed), len(found.changed)) == (added, removed, changed)
    assert found.is_rearranged == is_rearranged
    assert found.is_empty == (old == new)


def test_archived_segments_come_back_stale_if_their_rule_can_still_be_read() -> None:
    lower = a_rule()
    upper = save.create("B", rule=rule({"kind": "segment", "id": lower.pk, "op": "in"}), by=None, now=NOW)
    refresh_fully(upper.pk, now=NOW, zone=UTC)
    save.archive(upper, now=NOW)
    save.archive(lower, now=NOW)
    with pytest.raises(RuleError, match="archived"):
        restore(upper, now=NOW, zone=UTC)
    restore(lower, now=NOW, zone=UTC)
    restore(upper, now=NOW, zone=UTC)
    upper.refresh_from_db()
    assert (upper.archived_at, upper.is_stale) == (None, True)


def test_a_copy_has_a_name_of_its_own_and_the_pace() -> None:
    segment = save.create("S", rule=ROME, by=None, now=NOW, description="d", schedule=Schedule("cron", "5 6 * * *"))
    first, second = (duplicate(segment, by=None, now=NOW, zone=UTC) for _ in range(2))
    assert [first.name, second.name] == ["Copy of S", "Copy 2 of S"]
    assert (first.rule, first.description, first.cron, first.version) == (ROME, "d", "5 6 * * *", 1)


def test_segments_from_before_get_their_first_version_and_lose_it_again() -> None:
    migration: Any = import_module("segments.migrations.0004_first_versions")
    segment = a_rule()
    segment.versions.all().delete()
    for _ in range(2):
        migration.note_first(apps, None)
    (only,) = segment.versions.all()
    assert (only.number, only.rule, only.at) == (1, ROME, NOW)
    migration.forget_first(apps, None)
    assert not segment.versions.exists()


def test_a_copy_of_nothing_longer_than_a_name_may_be() -> None:
    segment = save.create("n" * 120, rule=ROME, by=None, now=NOW)
    assert len(duplicate(segment, by=None, now=NOW, zone=UTC).name) == 120


def test_members_stay_as_they_are_while_a_segment_is_archived() -> None:
    segment = a_rule(event(VIEW))
    refresh_fully(segment.pk, now=NOW, zone=UTC)
    take_in([track("ann", VIEW)])
    refresh_changes(now=NOW, zone=UTC)
    save.archive(segment, now=NOW)
    take_in([track("bob", VIEW)])
    refresh_changes(now=NOW + timedelta(minutes=2), zone=UTC)
    assert Membership.objects.count() == 1
    restore(segment, now=NOW, zone=UTC)
    refresh_fully(segment.pk, now=NOW + timedelta(minutes=2), zone=UTC)
    assert Membership.objects.count() == 2
