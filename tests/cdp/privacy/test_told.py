"""Whatever changes what may be done with a person touches them with the fact `consent`."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from cdp.privacy.consent import Word, record_consents
from cdp.privacy.models import Suppression
from cdp.privacy.suppression import suppress
from cdp.profiles.models import Identifier, Touched
from tests.cast import Cast
from tests.taking_in import NOW, ago, identify, take_in, track

pytestmark = pytest.mark.django_db


def touched(by: Callable[[], Any]) -> set[str]:
    """User ids of those who are touched with it by that."""
    Touched.objects.all().delete()
    by()
    ids = Touched.objects.filter(names__contains="consent").values_list("profile_id", flat=True)
    return set(Identifier.objects.filter(profile_id__in=ids, namespace="user_id").values_list("value", flat=True))


def say(*, is_granted: bool, value: str = "a@x.org", **late: float) -> None:
    word = Word("email", value, "email-marketing", "", is_granted, ago(**late), None, "test")
    with connection.cursor() as cursor:
        record_consents(cursor, [word], now=NOW)


@pytest.fixture
def known() -> None:
    take_in(
        [
            identify("ann", traits={"email": "a@x.org"}),
            identify("bob", traits={"email": "b@x.org"}),
            track("cat", at=ago(days=1)),
        ]
    )


def test_a_word_touches_who_has_the_address_only_if_it_is_news(known: None) -> None:
    assert touched(lambda: say(is_granted=True, days=3)) == {"ann"}
    assert touched(lambda: say(is_granted=True, days=1)) == set()
    # Late, and so not the newest: that it changes nothing is found out by whoever is touched.
    assert touched(lambda: say(is_granted=False, days=2)) == {"ann"}
    assert touched(lambda: say(is_granted=False)) == {"ann"}
    assert touched(lambda: say(is_granted=True, value="stranger@x.org")) == set()


def test_the_word_in_an_event_touches_its_sender(known: None) -> None:
    consent = {"consent": {"categoryPreferences": {"email-marketing": False}}}
    assert "bob" in touched(lambda: take_in([track("bob", context=consent)]))
    assert touched(lambda: take_in([track("bob", at=NOW + timedelta(minutes=1), context=consent)])) == set()


def test_a_suppression_touches_and_so_does_taking_it_back(known: None, cast: Cast) -> None:
    def add() -> None:
        suppress([("email", "b@x.org")], reason=Suppression.Reason.MANUAL, now=NOW)

    def remove() -> None:
        cast.client("stew").post(reverse("privacy:suppression_remove", args=[Suppression.objects.get().pk]))

    assert touched(add) == {"bob"}
    assert touched(add) == set()
    assert touched(remove) == {"bob"}
    assert not Suppression.objects.exists()


def test_a_new_identifier_touches_and_a_known_one_does_not(known: None) -> None:
    address = identify("cat", traits={"email": "c@x.org"})
    assert touched(lambda: take_in([address])) == {"cat"}
    assert touched(lambda: take_in([identify("cat", traits={"email": "c@x.org", "city": "Rome"})])) == set()


def test_every_message_touches_with_having_been_seen(known: None) -> None:
    Touched.objects.all().delete()
    take_in([track("cat"), identify("ann", traits={"city": "Oslo"})])
    names = [set(row.names) for row in Touched.objects.filter(reader="segments")]
    assert len(names) == 2 and all("seen" in one for one in names)
