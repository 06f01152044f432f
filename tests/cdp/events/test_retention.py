"""Old events go, and whatever is derived from events is as if they had never come."""

from datetime import timedelta
from typing import Any

import pytest

from cdp.accounts.models import AuditEntry
from cdp.common.models import Job
from cdp.events import retention
from cdp.events.models import Event, EventItem, EventState
from cdp.privacy import silent
from cdp.privacy.models import Retention
from cdp.profiles.models import Profile
from cdp.rules.tree import UTC
from segments.refresh import refresh_changes, refresh_fully
from tests.cast import Cast
from tests.cdp.rules.test_rules import BUY, VIEW, event, last
from tests.segments.test_refresh import a_segment, members
from tests.taking_in import NOW, ago, rows, take_in, track

pytestmark = pytest.mark.django_db


def keep(what: str, days: int | None, name: str = "") -> None:
    Retention.objects.update_or_create(what=what, name=name, defaults={"days": days, "changed_at": NOW})


def some_years() -> None:
    order = {"order_id": "o1", "total": 9, "products": [{"product_id": "p1", "quantity": 1, "price": 9}]}
    take_in(
        [
            track("ann", VIEW, at=ago(days=400), properties={"price": 3}),
            track("ann", VIEW, at=ago(days=20)),
            track("bob", VIEW, at=ago(days=300)),
            track("bob", BUY, at=ago(days=500), properties=order),
        ]
    )


def test_what_is_old_goes_and_segments_are_what_a_full_refresh_says() -> None:
    twice = a_segment(event(VIEW, "at_least", 2), name="twice")
    ever = a_segment(event(VIEW), name="ever")
    lately = a_segment(event(VIEW, window=last(30)), name="lately")
    some_years()
    refresh_changes(now=NOW, zone=UTC)
    assert (len(members(twice)), len(members(ever)), len(members(lately))) == (1, 2, 1)
    keep("event", 90, VIEW)
    assert retention.tonight(clock=lambda: NOW) == 2
    refresh_changes(now=NOW, zone=UTC)
    followed = [members(one) for one in (twice, ever, lately)]
    for one in (twice, ever, lately):
        assert refresh_fully(one.pk, now=NOW, zone=UTC)
    assert followed == [members(one) for one in (twice, ever, lately)]
    assert [len(one) for one in followed] == [0, 1, 1]
    assert [(one.name, one.n) for one in EventState.objects.order_by("name")] == [(BUY, 1), (VIEW, 1)]
    assert Retention.objects.get().deleted == 2 and Job.objects.get(kind="retention").state == "done"


def test_the_rule_for_all_spares_those_with_a_rule_of_their_own() -> None:
    some_years()
    keep("event", 90)
    keep("event", None, VIEW)
    assert retention.run(now=NOW) == 1
    assert set(Event.objects.values_list("name", flat=True)) == {VIEW} and not EventItem.objects.exists()
    assert rows("select count(*) from events_order")[0][0] == 1, "the books stay"


def test_a_night_is_bounded_and_the_next_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    take_in([track("ann", VIEW, at=ago(days=100 + n)) for n in range(7)])
    monkeypatch.setattr(retention, "BATCH", 2)
    keep("event", 90, VIEW)
    assert [retention.run(now=NOW, most=3) for _ in range(4)] == [3, 3, 1, 0]


def test_silent_anonymous_people_go_only_where_a_rule_says_so() -> None:
    take_in([track(anonymousId="old", at=ago(days=100)), track(anonymousId="new", at=ago(days=5))])
    take_in([track("ann", anonymousId="known", at=ago(days=100))])
    assert silent.forget(now=NOW) == 0
    keep("anonymous", 30)
    assert silent.forget(now=NOW) == 1
    assert sorted(key for (key,) in rows("select key from profiles_record")) == ["anon:new", "user:ann"]
    assert Profile.objects.count() == 2 and Event.objects.count() == 2
    take_in([track(anonymousId="old")])
    assert Profile.objects.count() == 3, "whoever comes back is somebody new"


def test_the_page_warns_of_what_looks_further_back_before_it_saves(cast: Cast) -> None:
    some_years()
    a_segment(event(VIEW, window=last(180)), name="Half a year")
    a_segment(event(VIEW, window=last(7)), name="A week")
    rows(
        'insert into events_eventvolume (source_id, name, "on", n, violations) values (1, %s, now(), 3, 0) returning 1',
        VIEW,
    )
    stew = cast.client("stew")
    given: dict[str, Any] = {"what": f"event:{VIEW}", "days": "90"}
    asked = stew.post("/data/retention/keep/", given).content.decode()
    assert "Half a year" in asked and "180 days" in asked and "A week" not in asked
    assert not Retention.objects.exists()
    assert stew.post("/data/retention/keep/", {**given, "confirmed": "on"}).status_code == 302
    assert Retention.objects.get().days == 90
    assert AuditEntry.objects.get(verb="changed how long we keep").target == VIEW
    assert VIEW in stew.get("/data/retention/").content.decode()


def test_quarantine_and_clicks_go_by_their_age() -> None:
    take_in([{"type": "track", "event": 7, "userId": "x"}])
    rows("update events_rejectedmessage set received_at = %s returning 1", NOW - timedelta(days=50))
    keep("quarantine", 60)
    assert retention.tonight(clock=lambda: NOW) == 0
    keep("quarantine", 40)
    assert retention.tonight(clock=lambda: NOW) == 1


def test_without_rules_there_is_no_job() -> None:
    assert retention.tonight(clock=lambda: NOW) == 0 and not Job.objects.exists()
