"""The page where people choose what they get: in words, by topic, effective before the next mail."""

from typing import Any

import pytest
from django.test import Client

from campaigns import audience, links
from campaigns.models import Campaign, Delivery
from cdp.events.models import Event
from cdp.pipeline import drain
from cdp.privacy.models import Consent, Suppression, Topic
from tests.campaigns.test_send import a_campaign, a_topic, outcomes, says, send_all
from tests.taking_in import NOW

pytestmark = pytest.mark.django_db


def sent(topic: Topic | None) -> tuple[Campaign, str]:
    """To Ann, and the address of her choices as it stands in the mail."""
    campaign = a_campaign("ann", topic=topic)
    audience.start(campaign, now=NOW)
    send_all(campaign)
    token = links.Addresses("").preferences(Delivery.objects.get().ref)
    return campaign, token


def page_of(client: Client, url: str) -> str:
    return client.get(url).content.decode()


def change(client: Client, url: str, **said: Any) -> str:
    return client.post(url, said).content.decode()


@pytest.fixture
def topic() -> Topic:
    topic = a_topic()
    topic.purpose.data_used = "What you bought, to leave out what you have."
    topic.purpose.save()
    says("ann", topic, yes=True, days_ago=3)
    return topic


def test_what_is_used_and_known_stands_there_in_words_and_no_value_does(client: Client, topic: Topic) -> None:
    _, url = sent(topic)
    page = page_of(client, url)
    for words in ("a…n@x.org", "What you bought, to leave out what you have.", "Product Viewed, once", "Facts: name"):
        assert words in page
    assert "ann@x.org" not in page


def test_a_topic_left_counts_before_the_next_mail_and_can_be_taken_up_again(client: Client, topic: Topic) -> None:
    _, url = sent(topic)
    assert "Nothing was changed." in change(client, url, topics=[topic.key])
    assert "Saved." in change(client, url)
    again = a_second()
    assert outcomes(again) == {"ann": "no_consent"}
    change(client, url, topics=[topic.key])
    words = list(Consent.objects.filter(topic=topic.key).order_by("at").values_list("is_granted", "how"))
    assert words == [(True, "test"), (False, "preference page"), (True, "preference page")]
    drain("live", now=NOW)
    told = Event.objects.filter(name="Email Preferences Changed").order_by("occurred_at")
    assert [one.properties["denied"] for one in told] == [[topic.key], []]


def a_second() -> Campaign:
    campaign = Campaign.objects.get()
    second = Campaign.objects.create(
        name="Second",
        template=campaign.template,
        topic=campaign.topic,
        sender=campaign.sender,
        created_at=NOW,
    )
    second.included.set(campaign.included.all())
    audience.start(second, now=NOW)
    send_all(second)
    return second


def test_nothing_at_all_and_back(client: Client, topic: Topic) -> None:
    _, url = sent(topic)
    assert "You will not hear from us any more." in change(client, url, all="no")
    assert Suppression.objects.get().value == "ann@x.org"
    assert outcomes(a_second()) == {"ann": "suppressed"}
    assert "You unsubscribed from everything" in page_of(client, url)
    change(client, url, topics=[topic.key])
    assert not Suppression.objects.exists()


def test_a_complaint_is_final(client: Client, topic: Topic) -> None:
    _, url = sent(topic)
    Suppression.objects.create(namespace="email", value="ann@x.org", reason="complaint", at=NOW)
    change(client, url, topics=[topic.key])
    assert Suppression.objects.exists()
    assert "disabled" in page_of(client, url)


def test_a_no_to_the_whole_purpose_gives_way_to_a_yes_of_its_owner(client: Client, topic: Topic) -> None:
    other = Topic.objects.create(key="test-other", name="Other", purpose=topic.purpose)
    _, url = sent(topic)
    says("ann", topic, yes=False, whole_purpose=True)
    assert "checked" not in page_of(client, url)
    change(client, url, topics=[other.key])
    page = page_of(client, url)
    assert page.count("checked") == 1
    assert outcomes(a_second()) == {"ann": "no_consent"}


def test_reading_and_forged_links_change_nothing(client: Client, topic: Topic) -> None:
    _, url = sent(topic)
    n = Consent.objects.count()
    client.head(url)
    client.get(url, {"topics": ""})
    of_another_kind = links.Addresses("").unsubscribe(Delivery.objects.get().ref).replace("/u/", "/choices/")
    damaged = url[:-2] + ("A/" if url[-2] != "A" else "B/")
    for forged in (of_another_kind, damaged):
        assert client.post(forged, {"all": "no"}).status_code == 404
    assert (Consent.objects.count(), Suppression.objects.count()) == (n, 0)
