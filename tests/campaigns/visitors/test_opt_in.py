"""Double opt-in: a yes counts once the owner of the address gave it, and nobody is asked without end."""

import itertools
import re
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.confirming import ask_due
from campaigns.models import MailboxMessage
from campaigns.views.choices import MOST_SIGN_UPS
from cdp.common.clock import utc_now
from cdp.events.models import Event
from cdp.pipeline import drain
from cdp.privacy.consent import current
from cdp.privacy.models import Consent, OptIn, Purpose, Suppression, Topic
from cdp.privacy.opt_in import BETWEEN, FORGOTTEN_AFTER, MOST, sign_up
from cdp.profiles.models import Profile
from tests.taking_in import NOW, identify, take_in

pytestmark = pytest.mark.django_db
ANN = ("email", "ann@x.org")
BASE = "https://cdp.example"
_places = itertools.count(1)


@pytest.fixture
def topic() -> Topic:
    purpose = Purpose.objects.create(key="test-mail", name="E-mail")
    return Topic.objects.create(key="test-news", name="Test news", purpose=purpose, needs_confirmation=True)


def said(topic: Topic) -> bool | None:
    return current("email", ["ann@x.org"], purpose=topic.purpose.key, topic=topic.key).get("ann@x.org")


def text_of(message: MailboxMessage) -> str:
    body = message_from_bytes(bytes(message.source), policy=policy.default).get_body(preferencelist=("plain",))
    assert body
    return str(body.get_content())


def link_in(message: MailboxMessage) -> str:
    found = re.search(r"https://cdp\.example(/campaigns/confirm/\S+/)", text_of(message))
    assert found
    return found[1]


def asked(client: Client, topic: Topic, email: str = "Ann@x.org", **more: Any) -> Any:
    return client.post(reverse("campaigns:subscribe"), {"email": email, "topics": [topic.key], **more})


@pytest.fixture
def client() -> Client:
    """Of its own place: how often one signs up is counted by place."""
    return Client(REMOTE_ADDR=f"198.51.100.{next(_places)}")


def test_signed_up_mailed_confirmed(client: Client, topic: Topic) -> None:
    assert "Look into your inbox" in asked(client, topic).content.decode()
    assert ask_due(base_url=BASE, now=utc_now()) == 1
    assert ask_due(base_url=BASE, now=utc_now()) == 0
    message = MailboxMessage.objects.get()
    assert message.recipient == "ann@x.org"
    assert "Test news" in text_of(message)
    assert said(topic) is None
    url = link_in(message)
    assert "Was it you?" in client.get(url).content.decode()  # and scanners do the same
    assert said(topic) is None
    assert "From now on you get: Test news" in client.post(url, {"answer": "yes"}).content.decode()
    assert said(topic) is True
    assert Consent.objects.get(topic=topic.key).how == "double opt-in"
    drain("live", now=utc_now())
    assert Event.objects.get().name == "Subscription Confirmed"
    assert Profile.objects.get().traits["email"] == "ann@x.org"


def test_it_was_somebody_else(client: Client, topic: Topic) -> None:
    asked(client, topic)
    ask_due(base_url=BASE, now=utc_now())
    url = link_in(MailboxMessage.objects.get())
    # Its own header for mail programs says no with one click.
    assert "Nothing will be sent" in client.post(url, {"List-Unsubscribe": "One-Click"}).content.decode()
    client.post(url, {"answer": "yes"})
    assert said(topic) is None
    assert not Profile.objects.exists()


def test_a_damaged_link_and_one_that_is_too_old(client: Client, topic: Topic) -> None:
    asked(client, topic)
    ask_due(base_url=BASE, now=utc_now() - timedelta(days=15))
    url = link_in(MailboxMessage.objects.get())
    for one in (url, url[:-3] + "xx/"):
        answer = client.post(one, {"answer": "yes"})
        assert (answer.status_code, "no longer works" in answer.content.decode()) == (404, True)
    assert said(topic) is None


def test_nobody_is_asked_without_end(topic: Topic) -> None:
    now = NOW
    for _ in range(3 * MOST):
        sign_up(ANN, [topic], how="sign-up page", now=now)
        sign_up(ANN, [topic], how="sign-up page", now=now + timedelta(minutes=1))
        ask_due(base_url=BASE, now=now)
        now += BETWEEN * 2
    assert MailboxMessage.objects.count() == MOST
    sign_up(ANN, [topic], how="sign-up page", now=now + FORGOTTEN_AFTER)
    ask_due(base_url=BASE, now=now + FORGOTTEN_AFTER)
    assert MailboxMessage.objects.count() == MOST + 1


def test_a_browsers_yes_waits_for_the_owner_and_its_no_counts_at_once(topic: Topic) -> None:
    def says(*, yes: bool) -> None:
        consent = {"topicPreferences": {topic.key: yes}}
        take_in([identify("ann", traits={"email": "ann@x.org"}, context={"consent": consent})])

    says(yes=True)
    assert said(topic) is None
    assert [(one.value, one.how, one.is_due) for one in OptIn.objects.all()] == [("ann@x.org", "tracking", True)]
    says(yes=False)
    assert said(topic) is False


@pytest.mark.parametrize("email", ["ann@x.org\r\nBcc: all@x.org", "a b@x.org", "<ann@x.org>", "ann@localhost"])
def test_what_a_browser_calls_an_address_and_is_none_is_never_written_to(topic: Topic, email: str) -> None:
    consent = {"topicPreferences": {topic.key: True}}
    take_in([identify("ann", traits={"email": email}, context={"consent": consent})])
    assert not OptIn.objects.exists()


def test_who_complained_is_not_asked_and_who_unsubscribed_may_come_back(client: Client, topic: Topic) -> None:
    Suppression.objects.create(namespace="email", value="bob@x.org", reason="complaint", at=NOW)
    Suppression.objects.create(namespace="email", value="ann@x.org", reason="unsubscribe", at=NOW)
    for email in ("ann@x.org", "bob@x.org"):
        asked(client, topic, email)
    ask_due(base_url=BASE, now=utc_now())
    message = MailboxMessage.objects.get()
    client.post(link_in(message), {"answer": "yes"})
    assert list(Suppression.objects.values_list("value", flat=True)) == ["bob@x.org"]


def test_robots(client: Client, topic: Topic) -> None:
    assert asked(client, topic, website="http://spam.example").status_code == 200
    assert not OptIn.objects.exists()
    assert asked(client, topic, "no address").status_code == 422


def test_a_crowd_from_one_place_is_slowed_down(topic: Topic) -> None:
    crowd = Client(REMOTE_ADDR="192.0.2.7")
    n = 2 * MOST_SIGN_UPS + 1  # the minutes that are counted may end in between
    assert 429 in [asked(crowd, topic, f"n{n}@x.org").status_code for n in range(n)]
    assert OptIn.objects.count() < n
