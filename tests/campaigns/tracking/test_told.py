"""What providers tell of a delivery: addresses that bounce or complain are left alone, and nothing counts twice."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from campaigns.models import Bounce, Delivery, Hit
from campaigns.tracking import told
from cdp.events.models import Event, RejectedMessage
from cdp.pipeline import drain
from cdp.privacy.models import Suppression
from tests.campaigns.test_send import delivered
from tests.taking_in import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(seconds=30)


def events() -> list[tuple[str, dict[str, object]]]:
    drain("live", now=NOW + timedelta(days=60))
    assert not RejectedMessage.objects.exists()
    found = Event.objects.filter(name__startswith="Email").exclude(name="Email Delivered").order_by("occurred_at")
    return [(one.name, one.properties) for one in found]


def test_a_hard_bounce_suppresses_at_once() -> None:
    one = delivered()
    told.bounced(one.ref, is_hard=True, why="550 no such user", at=LATER)
    told.bounced(one.ref, is_hard=True, why="550 no such user", at=LATER + timedelta(seconds=1))
    assert Suppression.objects.values_list("value", "reason", "note").get() == (
        "ann@x.org",
        "bounce",
        "550 no such user",
    )
    assert Delivery.objects.get().bounced_at == LATER
    ((name, about),) = events()
    assert (name, about["bounce_type"], about["reason"]) == ("Email Bounced", "hard", "550 no such user")


def test_soft_bounces_suppress_once_there_were_enough_of_late(settings: Any) -> None:
    settings.SOFT_BOUNCES, settings.SOFT_BOUNCE_DAYS = 3, 30
    one = delivered()
    for days in (40, 9, 2):
        Bounce.objects.create(
            address=one.address,
            ref=uuid4(),
            profile_id=one.profile_id,
            is_hard=False,
            at=LATER - timedelta(days=days),
        )
    told.bounced(one.ref, is_hard=False, why="mailbox full", at=LATER)
    assert Suppression.objects.get().note == "3 times within 30 days: mailbox full"


def test_one_soft_bounce_is_no_reason_and_a_delivery_after_it_takes_it_back() -> None:
    one = delivered()
    told.bounced(one.ref, is_hard=False, why="try later", at=LATER)
    assert not Suppression.objects.exists()
    assert Delivery.objects.get().bounced_at == LATER
    told.delivered(one.ref, at=LATER + timedelta(minutes=1))
    row = Delivery.objects.get()
    assert (row.bounced_at, row.delivered_at) == (None, LATER + timedelta(minutes=1))


def test_a_complaint_suppresses_and_counts_once() -> None:
    one = delivered()
    told.complained(one.ref, at=LATER)
    told.complained(one.ref, at=LATER + timedelta(hours=1))
    assert Suppression.objects.get().reason == "complaint"
    assert Delivery.objects.get().complained_at == LATER
    assert [name for name, _ in events()] == ["Email Marked as Spam"]


def test_what_was_unknown_is_delivered_once_the_provider_says_so() -> None:
    one = delivered()
    Delivery.objects.update(state=Delivery.State.UNKNOWN, error="?")
    told.delivered(one.ref, at=LATER)
    assert Delivery.objects.values_list("state", "error").get() == ("accepted", "")


def test_a_provider_that_repeats_itself_tells_one_open_and_one_click() -> None:
    one = delivered()
    for _ in range(2):
        told.opened(one.ref, agent="Mozilla/5.0 (X11)", ip="192.0.2.7", at=LATER)
        told.clicked(one.ref, target="https://x.org/", agent="Mozilla/5.0 (X11)", ip="192.0.2.7", at=LATER)
    assert sorted(Hit.objects.values_list("kind", "target")) == [("click", "https://x.org/"), ("open", "")]
    assert len({hit.place for hit in Hit.objects.all()}) == 1
    assert "192.0.2.7" not in str(list(Hit.objects.values()))


def test_of_somebody_erased_nothing_is_kept() -> None:
    gone = uuid4()
    told.delivered(gone, at=NOW)
    told.bounced(gone, is_hard=True, why="", at=NOW)
    told.complained(gone, at=NOW)
    told.opened(gone, agent="", ip="", at=NOW)
    told.clicked(gone, target="https://x.org/", agent="", ip="", at=NOW)
    assert not Hit.objects.exists() and not Bounce.objects.exists() and not Suppression.objects.exists()
