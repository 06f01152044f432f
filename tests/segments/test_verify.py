"""The check finds exactly what is wrong, not what is merely not yet caught up, and it is put right."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from cdp.profiles.models import Identifier
from cdp.rules.tree import UTC
from segments import save, verify
from segments.models import Fault, Membership, MembershipChange, Segment
from segments.refresh import refresh_changes, refresh_fully
from segments.schedule import Schedule
from tests.cdp.rules.test_rules import VIEW, event, last, rule
from tests.taking_in import NOW, ago, identify, take_in, track

pytestmark = pytest.mark.django_db


@pytest.fixture
def segment() -> Segment:
    """Ann, Bob and Cat viewed something; Dan did not."""
    take_in([track(who, VIEW, at=ago(days=1)) for who in ("ann", "bob", "cat")] + [identify("dan")])
    made = save.create("Viewers", rule=rule(event(VIEW, window=last(7))), by=None, now=NOW)
    refresh_fully(made.pk, now=NOW, zone=UTC)
    refresh_changes(now=NOW, zone=UTC)
    return Segment.objects.get(pk=made.pk)


def person(user: str) -> int:
    return Identifier.objects.get(namespace="user_id", value=user).profile_id


def test_planted_faults_are_found_beside_what_is_not_yet_caught_up(
    segment: Segment, caplog: pytest.LogCaptureFixture
) -> None:
    take_in([track("eve", VIEW)])  # news that waits
    take_in([track("fay", VIEW, at=ago(days=6, hours=23))])  # news, and time
    Membership.objects.filter(segment_id=segment.pk, profile_id=person("ann")).delete()
    Membership.objects.create(segment_id=segment.pk, profile_id=person("dan"), entered_at=NOW)
    later = NOW + timedelta(hours=2)
    found = verify.check(segment.pk, now=later, zone=UTC)
    assert found == verify.Verified(frozenset({person("ann")}), frozenset({person("dan")}), waiting=1)
    fault = Fault.objects.get()
    assert (fault.missing, fault.extra, fault.seen_at) == (1, 1, None)
    assert sorted(fault.examples) == sorted([person("ann"), person("dan")])
    assert "1 memberships were missing and 1 too many" in caplog.text
    assert str(person("ann")) not in caplog.text.replace(f"Segment {segment.pk}", "")
    refresh_changes(now=later, zone=UTC)
    repaired = MembershipChange.objects.filter(cause="repair").order_by("profile_id")
    assert [(one.profile_id, one.kind) for one in repaired] == sorted(
        [(person("ann"), "entered"), (person("dan"), "left")]
    )
    assert verify.check(segment.pk, now=later, zone=UTC) == verify.Verified()
    assert Fault.objects.count() == 1


def test_who_leaves_by_time_that_was_not_yet_looked_at_is_no_fault(segment: Segment) -> None:
    found = verify.check(segment.pk, now=NOW + timedelta(days=7), zone=UTC)
    assert (found.faults, found.waiting) == (0, 3)
    assert not Fault.objects.exists()


def test_what_is_not_live_is_not_checked(segment: Segment) -> None:
    daily = save.create("D", rule=rule(event(VIEW)), by=None, now=NOW, schedule=Schedule("daily"))
    refresh_fully(daily.pk, now=NOW, zone=UTC)
    stale = save.create("E", rule=rule(event(VIEW)), by=None, now=NOW)
    for one in (daily, stale):
        with pytest.raises(verify.NotChecked):
            verify.check(one.pk, now=NOW, zone=UTC)
    assert verify.checkable() == [segment.pk]


def test_the_command_says_what_it_found(segment: Segment) -> None:
    out = StringIO()
    call_command("check_segments", stdout=out)
    assert out.getvalue() == f"{segment.pk} Viewers: 0 missing, 0 too many\n"
    Membership.objects.create(segment_id=segment.pk, profile_id=person("dan"), entered_at=NOW)
    with pytest.raises(CommandError, match="1 memberships were wrong"):
        call_command("check_segments", str(segment.pk), stdout=out)
    with pytest.raises(CommandError, match="There is no segment 0"):
        call_command("check_segments", "0", stdout=out)
