"""Messages of campaigns posted as JSON: what a receiver gets, and which answers mean what."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from standardwebhooks import Webhook as Verifier

from campaigns.channels.base import Accepted, Deferred, Failed, Message, Receipt
from campaigns.channels.kinds import BadSettings
from campaigns.channels.known import CHANNELS
from campaigns.channels.webhook import MOST_WAITS, Webhook
from campaigns.models import Delivery
from campaigns.webhooks.sign import new_secret
from cdp.common.outbound import Client, Policy
from tests.campaigns.webhooks.making import Request, a_person
from tests.cdp.common.outbound.answering import PUBLIC, Answering, Names, Roads, answer
from tests.factories import NOW

pytestmark = pytest.mark.django_db
SECRET = new_secret()
OPENS = CHANNELS["webhook"].opens


@contextmanager
def channel(answers: Callable[[str], bytes], *, where: str = PUBLIC) -> Iterator[tuple[Webhook, Answering]]:
    with Answering(answers) as server:
        roads = Roads({PUBLIC: server.port})
        client = partial(Client, Policy(), resolver=Names({"take.test": [[where]]}), dial=roads.dial)
        yield Webhook("http://take.test/m", SECRET, 2, client=client, clock=lambda: datetime.now(UTC)), server


def a_mail(*, profile_id: int = 1) -> Message:
    made = EmailMessage(policy=SMTP)
    made["From"], made["To"], made["Subject"] = "Shop <shop@example.com>", "ada@example.org", "Grüße 🌊"
    made["List-Unsubscribe"] = "<https://x.example/campaigns/u/abc/>"
    made.set_content("Guten Tag, Zoë")
    made.add_alternative("<p>Guten Tag, Zoë</p>", subtype="html")
    return Message(uuid4(), profile_id, None, "ada@example.org", "Grüße 🌊", made.as_bytes(), 7)


def receipts(one: Webhook, *messages: Message) -> list[Receipt | None]:
    found = one.hand(messages, now=NOW)
    return [found.get(message.ref) for message in messages]


def test_a_receiver_gets_all_it_needs_and_can_verify_it() -> None:
    person = a_person()
    mail = a_mail(profile_id=person.pk)
    Delivery.objects.create(
        profile_id=person.pk,
        campaign_id=7,
        occurrence="once",
        ref=mail.ref,
        variant=2,
        branches={"a": 1},
        planned_at=NOW,
    )
    with channel(lambda _: answer(status="202 Accepted")) as (one, server):
        assert receipts(one, mail) == [Accepted()]
    request = Request.of(server.requests[0])
    posted = Verifier(SECRET).verify(request.body, request.headers)
    assert request.headers["webhook-id"] == str(mail.ref)
    assert posted["type"] == "message.send"
    data = posted["data"]
    assert data["profile"] == {"id": str(person.uuid), "external_ids": []}
    assert (data["ref"], data["address"], data["variant"], data["branches"]) == (
        str(mail.ref),
        "ada@example.org",
        2,
        {"a": 1},
    )
    assert (data["subject"], data["text"].strip(), data["html"].strip()) == (
        "Grüße 🌊",
        "Guten Tag, Zoë",
        "<p>Guten Tag, Zoë</p>",
    )
    assert (data["campaign"], data["is_test"]) == ({"id": 7, "name": ""}, False)
    assert data["list_unsubscribe"] == "<https://x.example/campaigns/u/abc/>"


@pytest.mark.parametrize(
    ("status", "kind", "n"),
    [
        ("200 OK", Accepted, 1),
        ("400 Bad", Failed, 1),
        ("422 Unprocessable", Failed, 1),
        ("401 Who", Deferred, 1),
        ("410 Gone", Deferred, 1),
        ("429 Slow down", Deferred, 1),
        ("503 Away", Deferred, 1),
        ("301 Moved", Deferred, 1),
        ("500 Oops", type(None), 2),
    ],
)
def test_what_each_answer_means(status: str, kind: type, n: int) -> None:
    with channel(lambda _: answer(b"why", status=status, headers=["Location: http://other.test/"])) as (one, server):
        (receipt,) = receipts(one, a_mail())
    assert isinstance(receipt, kind)
    assert len(server.requests) == n
    assert len({Request.of(text).headers["webhook-id"] for text in server.requests}) == 1
    if isinstance(receipt, Failed | Deferred):
        assert receipt.why == f"{status[:3]} why" or status.startswith("301")


def hung_up() -> bytes:
    raise OSError


def test_what_breaks_twice_is_unknown() -> None:
    with channel(lambda _: hung_up()) as (one, server):
        assert receipts(one, a_mail()) == [None]
    assert len(server.requests) == 2


def test_a_break_after_the_message_left_is_asked_once_more_with_the_same_id() -> None:
    replies = iter([hung_up, answer])
    with channel(lambda _: next(replies)()) as (one, server):
        assert receipts(one, a_mail()) == [Accepted()]
    assert len(server.requests) == 2
    assert len({Request.of(text).headers["webhook-id"] for text in server.requests}) == 1


def test_an_address_of_the_inside_gets_nothing() -> None:
    with channel(lambda _: answer(), where="10.0.0.8") as (one, server):
        (receipt,) = receipts(one, a_mail())
    assert isinstance(receipt, Deferred)
    assert server.n_connections == 0


def test_an_address_that_is_away_does_not_cost_a_time_out_for_each_message() -> None:
    mails = [a_mail() for _ in range(40)]
    with channel(lambda _: answer(status="503 Away")) as (one, server):
        assert all(isinstance(receipt, Deferred) for receipt in receipts(one, *mails))
        assert len(server.requests) == 2 * MOST_WAITS


@pytest.mark.parametrize(
    ("url", "secret"),
    [
        ("http://127.0.0.1/", SECRET),
        ("ftp://mail.example.com/", SECRET),
        ("", SECRET),
        ("https://mail.example.com/", ""),
        ("https://mail.example.com/", "whsec_c2hvcnQ="),
        ("https://mail.example.com/", "whsec_???"),
    ],
    ids=["inside", "no web address", "no address", "no secret", "short secret", "no base64"],
)
def test_an_account_that_cannot_work_is_refused(url: str, secret: str) -> None:
    with pytest.raises(BadSettings):
        OPENS({"url": url}, {"secret": secret})


def test_an_account_opens_and_hides_its_secret() -> None:
    opened: Any = OPENS({"url": "https://mail.example.com/take", "connections": 3}, {"secret": SECRET})
    assert SECRET not in repr(opened)
    assert (opened.url, opened.connections) == ("https://mail.example.com/take", 3)
