"""Each happening becomes one message for each endpoint that wants it: none missed, none twice, nothing from before."""

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction

from campaigns import audience
from campaigns.channels.base import Failed, Message, Receipt
from campaigns.models import Endpoint, MailHappened, WebhookMessage
from campaigns.webhooks import save
from campaigns.webhooks.bodies import told
from campaigns.webhooks.read import read_news
from cdp.common.models import NewsCursor
from cdp.events.ourselves import internal_source
from cdp.privacy.consent import Word, record_consents
from cdp.profiles.models import Identifier, Profile
from identity.by_hand import merge_profiles, unmerge
from scoring.models import ScoreChange
from tests.campaigns.test_send import a_campaign, send_all
from tests.campaigns.webhooks.making import a_person, a_segment, an_endpoint, entered, read_all
from tests.factories import NOW
from tests.taking_in import NOW as THEN
from tests.taking_in import ago, identify, take_in, track

pytestmark = pytest.mark.django_db(transaction=True)


def bodies(endpoint: Endpoint) -> list[dict[str, Any]]:
    return [json.loads(one) for one in endpoint.messages.order_by("id").values_list("body", flat=True)]


@contextmanager
def uncommitted(write: Any) -> Iterator[None]:
    """Another connection writes, and commits only once the block is left."""
    wrote, may_commit = threading.Event(), threading.Event()

    def run() -> None:
        with transaction.atomic():
            write()
            wrote.set()
            may_commit.wait(20)
        connection.close()

    other = threading.Thread(target=run)
    other.start()
    assert wrote.wait(20)
    try:
        yield
    finally:
        may_commit.set()
        other.join()


def test_a_row_that_is_committed_late_is_not_missed_and_none_is_told_twice() -> None:
    segment, early, late = a_segment(), a_person(), a_person()
    endpoint, _ = an_endpoint()
    with uncommitted(lambda: entered(segment, late)):
        entered(segment, early)
        read_all()
        assert bodies(endpoint) == []
    read_all()
    read_all()
    told_of = [one["data"]["profile"]["id"] for one in bodies(endpoint)]
    assert told_of == [str(late.uuid), str(early.uuid)]


def test_what_was_under_way_when_an_endpoint_was_made_is_told_and_what_was_before_is_not() -> None:
    segment, before, meanwhile = a_segment(), a_person(), a_person()
    first, _ = an_endpoint()
    entered(segment, before)
    with uncommitted(lambda: entered(segment, meanwhile)):
        second, _ = an_endpoint()
    read_all()
    assert len(bodies(first)) == 2
    assert [one["data"]["profile"]["id"] for one in bodies(second)] == [str(meanwhile.uuid)]


def test_messages_and_cursor_are_committed_together(monkeypatch: pytest.MonkeyPatch) -> None:
    segment = a_segment()
    endpoint, _ = an_endpoint()
    entered(segment, a_person())
    saved = NewsCursor.save

    def dies(self: NewsCursor, *args: Any, **more: Any) -> None:
        assert WebhookMessage.objects.count() == 1
        raise RuntimeError

    monkeypatch.setattr(NewsCursor, "save", dies)
    with pytest.raises(RuntimeError):
        read_news(now=NOW)
    assert bodies(endpoint) == []
    monkeypatch.setattr(NewsCursor, "save", saved)
    read_all()
    assert len(bodies(endpoint)) == 1


def test_only_what_was_chosen_and_only_to_those_who_listen() -> None:
    one, other, person = a_segment("One"), a_segment("Other"), a_person()
    of_one, _ = an_endpoint(segments=[one.pk])
    of_all, _ = an_endpoint()
    paused, _ = an_endpoint()
    save.pause(paused, by=save.Doer(None), now=NOW)
    off, _ = an_endpoint()
    Endpoint.objects.filter(pk=off.pk).update(state="disabled")
    of_merges, _ = an_endpoint("merge")
    entered(one, person)
    entered(other, person, kind="left")
    read_all()
    assert [body["type"] for body in bodies(of_one)] == ["segment.entered"]
    for listening in (of_all, paused):
        assert [body["type"] for body in bodies(listening)] == ["segment.entered", "segment.left"]
    assert bodies(off) == bodies(of_merges) == []
    save.resume(off, by=save.Doer(None), now=NOW)
    entered(one, person, kind="left")
    read_all()
    assert [body["type"] for body in bodies(off)] == ["segment.left"]


def test_nothing_is_kept_for_nobody() -> None:
    endpoint, _ = an_endpoint()
    read_all()
    assert [one.reader for one in NewsCursor.objects.all()] == ["webhooks:membership"]
    save.delete(endpoint, by=save.Doer(None), now=NOW)
    read_all()
    assert not NewsCursor.objects.exists()


def test_merges_scores_and_consent_say_who_and_what() -> None:
    take_in([identify("ann", traits={"email": "ann@x.org"}), identify(anonymousId="b", traits={"email": "bob@x.org"})])
    ann, bob = (Identifier.objects.get(value=f"{name}@x.org").profile_id for name in ("ann", "bob"))
    uuids = dict(Profile.objects.values_list("pk", "uuid"))
    endpoint, _ = an_endpoint("merge", "score", "consent")
    ScoreChange.objects.create(
        profile_id=ann, predictor_id=7, at=NOW, value=0.8, percentile=91, band="high", was="middle"
    )
    ScoreChange.objects.create(profile_id=ann, predictor_id=7, at=NOW, value=0.9, percentile=92, band="high")
    done = merge_profiles([ann, bob], by="user:1", now=NOW)
    unmerge(done.merge_ids[0], by="user:1", now=NOW)
    read_all()
    score, merged, unmerged = bodies(endpoint)
    assert score["type"] == "score.band_changed"
    assert score["data"]["profile"]["external_ids"] == [
        {"namespace": "email", "value": "ann@x.org"},
        {"namespace": "user_id", "value": "ann"},
    ]
    assert (score["data"]["was"], score["data"]["band"]) == ("middle", "high")
    assert (merged["type"], unmerged["type"]) == ("profile.merged", "profile.unmerged")
    assert {merged["data"]["profile"]["id"], merged["data"]["other"]["id"]} == {str(uuids[ann]), str(uuids[bob])}


def word(*, yes: bool, days_ago: int, value: str = "ann@x.org") -> None:
    said = Word("email", value, "test-mail", "", yes, ago(days=days_ago), None, "test")
    with transaction.atomic(), connection.cursor() as cursor:
        record_consents(cursor, [said], now=THEN)


def test_each_new_word_about_consent_is_told_once_and_repetitions_are_not() -> None:
    take_in([identify("ann", traits={"email": "ann@x.org"})])
    word(yes=False, days_ago=20)
    endpoint, _ = an_endpoint("consent")
    word(yes=False, days_ago=10)
    word(yes=True, days_ago=15)  # heard late, and overruled already
    read_all()
    word(yes=True, days_ago=5)  # makes the older row the current word again
    word(yes=True, days_ago=4)
    word(yes=False, days_ago=30)  # older than all
    word(yes=True, days_ago=1, value="nobody@x.org")
    read_all()
    assert [(one["type"], one["data"]["is_current"]) for one in bodies(endpoint)] == [
        ("consent.granted", True),
        ("consent.granted", True),
    ]
    known, unknown = bodies(endpoint)
    assert known["data"]["address"] == {"namespace": "email", "value": "ann@x.org"}
    assert len(known["data"]["profiles"]) == 1
    assert unknown["data"]["profiles"] == []


REF = "9b2d4f0e-7c0a-4a53-8e34-6b1f4f2c9d11"


def mail(event: str, *, of: str = "", campaign: Any = 5, **properties: Any) -> None:
    about = {"delivery": REF, "campaign_id": campaign, "campaign_name": "C", **properties}
    take_in([track("ann", event, properties=about)], of=of or internal_source().name)


def test_what_becomes_of_messages_is_told_of_ours_alone() -> None:
    all_of_it, _ = an_endpoint("delivery")
    clicks, _ = an_endpoint("delivery", deliveries=["clicked"], campaigns=[5])
    others, _ = an_endpoint("delivery", campaigns=[6])
    mail("Email Delivered")
    mail("Email Link Clicked", link_url="https://shop.example/a", is_machine=False)
    mail("Email Opened", of="web", campaign=2**80)
    mail("Email Opened", of="web")
    mail("Product Viewed")
    read_all()
    assert [one["type"] for one in bodies(all_of_it)] == ["delivery.accepted", "delivery.clicked"]
    (clicked,) = bodies(clicks)
    assert clicked["data"]["link_url"] == "https://shop.example/a"
    assert clicked["data"]["campaign"] == {"id": 5, "name": ""}
    assert clicked["data"]["delivery"] == REF
    assert bodies(others) == []
    assert not MailHappened.objects.exists()


class Refusing:
    namespace = "email"

    def hand(self, messages: Sequence[Message], *, now: datetime) -> Mapping[UUID, Receipt]:
        return {one.ref: Failed("550 no such user") for one in messages}


def test_what_a_channel_refuses_is_told() -> None:
    endpoint, _ = an_endpoint("delivery")
    campaign = a_campaign("ann")
    audience.start(campaign, now=THEN)
    send_all(campaign, Refusing())
    read_all()
    (failed,) = bodies(endpoint)
    assert (failed["type"], failed["data"]["why"]) == ("delivery.failed", "550 no such user")
    assert failed["data"]["address"] == "ann@x.org"
    assert failed["data"]["campaign"] == {"id": campaign.pk, "name": "C"}


def test_while_nobody_wants_deliveries_none_is_put_down() -> None:
    an_endpoint("membership")
    mail("Email Delivered")
    assert not MailHappened.objects.exists()


def test_of_an_erased_person_nothing_is_told() -> None:
    segment, person = a_segment(), a_person()
    endpoint, _ = an_endpoint()
    entered(segment, person)
    person.delete()
    read_all()
    assert bodies(endpoint) == []
    with connection.cursor() as cursor:
        assert told(cursor, []) == []
