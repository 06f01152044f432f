"""Each provider's API as it answers, what leaves for it, and that nothing leaves for the own network."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from functools import partial
from urllib.parse import parse_qsl
from uuid import uuid4

import pytest

from campaigns.channels.base import Accepted, Deferred, Failed, Message, Receipt
from campaigns.channels.provider import Provided
from campaigns.channels.providers import PROVIDERS, Provider
from cdp.common.outbound import Client, Policy
from tests.cdp.common.outbound.answering import Answering, Canary, Names, Roads, answer

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PUBLIC = "93.184.215.14"
GOOD = {
    "postmark": {"ErrorCode": 0, "Message": "OK", "MessageID": "id-1", "To": "ada@example.org"},
    "mailgun": {"id": "<id-1@example.com>", "message": "Queued. Thank you."},
    "sendgrid": {},
    "brevo": {"messageId": "<id-1@brevo>"},
    "sparkpost": {"results": {"total_accepted_recipients": 1, "total_rejected_recipients": 0, "id": "id-1"}},
    "mandrill": [{"email": "ada@example.org", "status": "sent", "_id": "id-1"}],
}
each_provider = pytest.mark.parametrize("provider", PROVIDERS, ids=lambda one: one.key)


def mail(*, to: str = "ada@example.org", subject: str = "Grüße 🌊") -> Message:
    made = EmailMessage(policy=SMTP)
    made["From"], made["To"], made["Subject"] = "Shop <shop@example.com>", to, subject
    made["List-Unsubscribe"] = "<https://x.example/campaigns/u/abc/>"
    made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    made.set_content("Guten Tag, Zoë")
    made.add_alternative("<p>Guten Tag, Zoë</p>", subtype="html")
    return Message(uuid4(), 1, None, to, subject, made.as_bytes())


@contextmanager
def over(
    provider: Provider, answers: Callable[[str], bytes], *, at: str = "http://api.test:80/", where: str = PUBLIC
) -> Iterator[tuple[Provided, Answering]]:
    """The provider's channel, in a network where its API stands on a public address."""
    with Answering(answers) as server:
        roads, names = Roads({PUBLIC: server.port}), Names({"api.test": [[where]]})
        settings = {"api_url": at, "sender_domain": "example.com", "connections": 2}
        channel = provider.open(settings, {"api_key": "k3y"})
        client = partial(Client, Policy(), resolver=names, dial=roads.dial)
        yield Provided(channel.backend, channel.options, channel.connections, client=client), server


def handed(channel: Provided, *messages: Message) -> list[Receipt | None]:
    receipts = channel.hand(messages, now=NOW)
    return [receipts.get(one.ref) for one in messages]


def good(provider: Provider) -> bytes:
    return answer(json.dumps(GOOD[provider.key]).encode())


@each_provider
def test_a_mail_goes_out_with_all_that_matters(provider: Provider) -> None:
    message = mail()
    with over(provider, lambda request: good(provider)) as (channel, server):
        (receipt,) = handed(channel, message)
    assert isinstance(receipt, Accepted)
    if provider.key != "sendgrid":
        assert "id-1" in receipt.remote_id
    (request,) = server.requests
    told = request.encode("latin-1").decode()
    assert "k3y" in told or "YXBpOmszeQ==" in told
    readable = told.lower() + json.dumps(_unquoted(told), ensure_ascii=False).lower()
    for needed in (str(message.ref), "list-unsubscribe-post", "list-unsubscribe=one-click", "guten tag, zoë"):
        assert needed in readable, needed
    assert "grüße 🌊" in readable


@each_provider
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("400 Bad Request", Failed),
        ("422 Unprocessable Entity", Failed),
        ("401 Unauthorized", Deferred),
        ("403 Forbidden", Deferred),
        ("429 Too Many Requests", Deferred),
        ("503 Service Unavailable", Deferred),
        ("302 Found", Deferred),
        ("500 Internal Server Error", None),
        ("504 Gateway Timeout", None),
    ],
)
def test_what_an_answer_says_of_the_message(provider: Provider, status: str, kind: type[Receipt] | None) -> None:
    headers = ("Location: http://api.test/elsewhere",) if status.startswith("302") else ()
    with over(provider, lambda request: answer(b'{"message": "words"}', status=status, headers=headers)) as (
        channel,
        server,
    ):
        (receipt,) = handed(channel, mail())
        assert receipt is None if kind is None else isinstance(receipt, kind)
        assert len(server.requests) == 1  # no redirect is followed
        assert "k3y" not in str(receipt)


@each_provider
def test_an_answer_that_cannot_be_read_leaves_it_open(provider: Provider) -> None:
    if provider.key in ("sendgrid", "brevo"):  # they say nothing but the status, or may say nothing
        return
    with over(provider, lambda request: answer(b"<html>")) as (channel, _):
        assert handed(channel, mail()) == [None]


def test_one_that_is_refused_harms_no_other() -> None:
    provider = PROVIDERS[0]

    def answers(request: str) -> bytes:
        return (
            answer(b'{"ErrorCode": 300, "Message": "Bad To"}', status="422 No") if "bad@" in request else good(provider)
        )

    with over(provider, answers) as (channel, server):
        said = handed(channel, *(mail(to=to) for to in ("ada@example.org", "bad@example.org", "ada@example.org")))
        assert [type(one) for one in said] == [Accepted, Failed, Accepted]
        assert server.n_connections <= 2


def test_a_broken_connection_leaves_it_open_and_no_connection_does_not() -> None:
    with over(PROVIDERS[0], lambda request: b"") as (channel, server):
        messages = [mail() for _ in range(1)]

        def hang_up(request: str) -> bytes:
            raise OSError

        server._answers = hang_up
        assert handed(channel, *messages) == [None]
    with over(PROVIDERS[0], lambda request: b"", at="http://nowhere.test/") as (channel, _):
        (receipt,) = handed(channel, mail())
        assert receipt == Deferred("The host's name cannot be found.")


def test_a_provider_that_puts_off_is_not_asked_for_each() -> None:
    with over(PROVIDERS[0], lambda request: answer(b"{}", status="401 No")) as (channel, server):
        said = handed(channel, *(mail() for _ in range(40)))
        assert {type(one) for one in said} == {Deferred}
        assert len(server.requests) == 6


@each_provider
@pytest.mark.parametrize(
    ("at", "where"),
    [
        ("http://127.0.0.1:{port}/", PUBLIC),
        ("http://[::1]:{port}/", PUBLIC),
        ("http://localhost:{port}/", PUBLIC),
        ("http://api.test:{port}/", "127.0.0.1"),
        ("http://api.test:80/", "10.0.0.7"),
        ("http://169.254.169.254/", PUBLIC),
    ],
)
def test_nothing_goes_into_the_own_network(
    provider: Provider, at: str, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not by an address, not by a name, and not because the environment names a proxy."""
    with Canary() as canary:
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{canary.port}")
        with over(provider, lambda request: b"", at=at.format(port=canary.port), where=where) as (channel, server):
            (receipt,) = handed(channel, mail())
            assert isinstance(receipt, Deferred)
            assert not server.requests
        assert canary.n_reached == 0


def _unquoted(request: str) -> list[object]:
    """JSON and form bodies as what they mean."""
    body = request.partition("\r\n\r\n")[2]
    try:
        found: object = json.loads(body)
    except ValueError:
        return list(parse_qsl(body))
    return [found, list(found) if isinstance(found, Mapping) else found]
