"""What a receiver sees: signed, each once unless it failed, again after a while, and with the same id."""

import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.test import override_settings
from standardwebhooks import Webhook, WebhookVerificationError

from campaigns.models import Endpoint, WebhookMessage
from campaigns.webhooks import claims, save
from campaigns.webhooks.back_off import WAITS, next_attempt, rest
from campaigns.webhooks.claims import LANE, LEASE
from campaigns.webhooks.deliver import WIDTH
from campaigns.webhooks.forget import forget
from campaigns.webhooks.post import LOST, Posted
from campaigns.webhooks.settle import Result, settle
from cdp.accounts.models import AuditEntry
from tests.campaigns.webhooks.making import Posting, a_message, an_endpoint, posting, states
from tests.cdp.common.outbound.answering import answer, world
from tests.factories import NOW

pytestmark = pytest.mark.django_db
BY = save.Doer(None)
OOPS = answer(b"no room", status="500 Oops")


def later(**span: float) -> datetime:
    return NOW + timedelta(**span)


def only(endpoint: Endpoint) -> WebhookMessage:
    return endpoint.messages.get()


def test_a_receiver_verifies_it_with_the_library_of_the_standard() -> None:
    now = datetime.now(UTC)  # the library compares with the clock
    endpoint, secret = an_endpoint(now=now)
    message = a_message(endpoint, at=now, body='{"type": "segment.entered", "name": "São Paulo ☀"}')
    with posting() as post:
        assert post(now=now) == 1
    (request,) = post.posted
    assert request.path == "/hooks"
    assert request.headers["webhook-id"] == message.webhook_id
    assert request.headers["content-type"] == "application/json"
    assert Webhook(secret).verify(request.body, request.headers)["name"] == "São Paulo ☀"
    for changed in (request.body + " ", request.body.replace("entered", "left")):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(changed, request.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(request.body, {**request.headers, "webhook-id": "msg_1"})


def test_for_a_day_after_it_was_replaced_both_secrets_are_good() -> None:
    now = datetime.now(UTC)
    endpoint, old = an_endpoint(now=now)
    new = save.rotate(endpoint, by=BY, now=now - timedelta(hours=23))
    with posting() as post:
        a_message(endpoint, at=now)
        post(now=now)
        save.rotate(endpoint, by=BY, now=now - timedelta(hours=25))
        a_message(endpoint, at=now)
        post(now=now)
    during, after = post.posted
    for secret in (old, new):
        Webhook(secret).verify(during.body, during.headers)
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(after.body, after.headers)


def test_secrets_are_kept_sealed() -> None:
    endpoint, secret = an_endpoint()
    save.rotate(endpoint, by=BY, now=NOW)
    endpoint.refresh_from_db()
    kept = bytes(endpoint.secret) + bytes(endpoint.old_secret or b"")
    assert secret.encode() not in kept
    assert secret not in str(list(AuditEntry.objects.values_list("details", flat=True)))


def test_a_failure_is_tried_again_with_the_same_id_until_it_is_taken() -> None:
    replies = iter([OOPS, OOPS, answer()])
    endpoint, _ = an_endpoint()
    a_message(endpoint)
    with posting(lambda _: next(replies)) as post:
        assert post() == 1
        first = only(endpoint)
        assert (first.state, first.status, first.answer, first.attempts) == ("waiting", 500, "no room", 1)
        assert later(seconds=5) <= first.next_at <= later(seconds=6)
        assert post(now=later(seconds=4)) == 0
        assert post(now=first.next_at) == 1
        second = only(endpoint)
        assert later(minutes=5) <= second.next_at <= later(minutes=7)
        endpoint.refresh_from_db()
        assert (endpoint.failures, endpoint.failing_since) == (2, NOW)
        assert post(now=second.next_at) == 1
    assert (only(endpoint).state, only(endpoint).attempts) == ("delivered", 3)
    assert len({request.headers["webhook-id"] for request in post.posted}) == 1
    endpoint.refresh_from_db()
    assert (endpoint.failures, endpoint.failing_since) == (0, None)


def test_it_is_given_up_after_the_last_wait_and_can_be_sent_again() -> None:
    endpoint, _ = an_endpoint()
    a_message(endpoint, attempts=len(WAITS))
    reply = [OOPS]
    with posting(lambda _: reply[0]) as post:
        post()
        assert only(endpoint).state == "dead"
        assert post(now=later(days=2)) == 0
        reply[0] = answer()
        assert save.again(endpoint, by=BY, now=NOW) == 1
        post()
    assert only(endpoint).state == "delivered"
    assert len({request.headers["webhook-id"] for request in post.posted}) == 1


def test_waits_are_those_of_the_documentation() -> None:
    waits = [next_attempt(attempts=n, now=NOW, random=Random(n)) for n in range(1, 11)]
    assert waits[-1] is None
    assert len(WAITS) == 9
    for wait, found in zip(WAITS, waits[:-1], strict=True):
        assert found is not None
        assert wait <= found - NOW <= wait * 1.2


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120),
        ("999999999999", 86_400),
        ("Sat, 21 Nov 2026 12:10:00 GMT", 600),
        ("Sat, 21 Nov 2026 11:00:00 GMT", None),
        ("", None),
        ("soon", None),
        ("-5", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_a_moment(text: str, seconds: int | None) -> None:
    assert rest(text, now=NOW) == (None if seconds is None else later(seconds=seconds))


def test_who_asks_to_be_left_alone_is() -> None:
    busy = answer(status="429 Too Many", headers=["Retry-After: 600"])
    endpoint, _ = an_endpoint()
    a_message(endpoint)
    with posting(lambda _: busy) as post:
        post()
        a_message(endpoint)
        assert post(now=later(seconds=599)) == 0
        assert post(now=later(seconds=601)) >= 1


def test_gone_switches_it_off_at_once_and_says_so() -> None:
    endpoint, _ = an_endpoint()
    a_message(endpoint)
    with posting(lambda _: answer(status="410 Gone")) as post:
        post()
        a_message(endpoint)
        assert post(now=later(days=1)) == 0
    endpoint.refresh_from_db()
    assert endpoint.state == "disabled"
    assert "410 Gone" in endpoint.disabled_because
    assert AuditEntry.objects.filter(verb="switched off webhook", target=endpoint.name).exists()


def test_five_days_of_failing_switch_it_off_and_a_good_answer_in_between_does_not() -> None:
    endpoint, other = an_endpoint()[0], an_endpoint()[0]
    Endpoint.objects.update(failing_since=later(days=-4.9), failures=9)
    for one in (endpoint, other):
        a_message(one)
    with posting(lambda _: OOPS) as post:
        post()
        assert set(Endpoint.objects.values_list("state", flat=True)) == {"on"}
        Endpoint.objects.filter(pk=other.pk).update(failing_since=None)
        post(now=later(hours=3))
    endpoint.refresh_from_db()
    other.refresh_from_db()
    assert (endpoint.state, other.state) == ("disabled", "on")
    save.resume(endpoint, by=BY, now=later(hours=4))
    with posting() as post:
        assert post(now=later(hours=5)) == 2


def test_redirects_are_not_followed() -> None:
    endpoint, _ = an_endpoint()
    a_message(endpoint)
    with posting(lambda _: answer(status="308 Moved", headers=["Location: http://other.test/"])) as post:
        post()
        assert len(post.posted) == 1
    assert (only(endpoint).state, only(endpoint).status) == ("waiting", 308)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/hooks",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "http://10.0.0.8/",
        "http://localhost/",
        "http://inside.test/",
    ],
)
def test_addresses_of_the_inside_are_never_dialled(url: str) -> None:
    """Also of an endpoint that is there already: names may come to mean something else."""
    endpoint, _ = an_endpoint(url=url)
    a_message(endpoint)
    with world(lambda _: answer(), names={"inside.test": [["10.0.0.8"]]}) as (client, server, roads):
        Posting(client, server)()
        assert roads.dialled == []
    assert only(endpoint).status is None
    assert "not asked" in only(endpoint).answer or "own network" in only(endpoint).answer


def test_who_dies_between_posting_and_settling_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint, _ = an_endpoint()
    a_message(endpoint)
    with posting() as post:
        with monkeypatch.context() as patched:
            patched.setattr("campaigns.webhooks.deliver.settle", _die)
            with pytest.raises(Died):
                post()
        assert only(endpoint).state == "waiting"
        assert post(now=NOW + LEASE - timedelta(seconds=1)) == 0
        assert post(now=NOW + LEASE) == 1
    first, second = post.posted
    assert (first.headers["webhook-id"], first.body) == (second.headers["webhook-id"], second.body)
    assert only(endpoint).state == "delivered"


class Died(Exception):
    """As by kill -9."""


def _die(*_: Any, **__: Any) -> int:
    raise Died


def test_a_worker_whose_lease_ran_out_writes_nothing() -> None:
    endpoint, _ = an_endpoint()
    a_message(endpoint)
    ((held,),) = claims.claim(now=NOW).values()
    ((taken,),) = claims.claim(now=NOW + LEASE).values()
    # Within a test both claims have one transaction id: the second one's is made another.
    WebhookMessage.objects.filter(pk=taken.pk).update(fence=taken.fence + 1)
    assert settle([Result(held, Posted(200, ""))], now=NOW, random=Random(1)) == 0
    claims.give_back([held], now=NOW)
    assert claims.claim(now=NOW + LEASE) == {}
    assert only(endpoint).state == "waiting"


def test_a_slow_endpoint_holds_up_nobody_but_itself() -> None:
    """The slow one answers only once the other has got all of its messages."""
    slow, quick = an_endpoint(url="http://good.test/slow")[0], an_endpoint(url="http://other.test/quick")[0]
    n = LANE + 30
    for endpoint in (slow, quick):
        for _ in range(n):
            a_message(endpoint)
    at_once: list[int] = []

    def answers(request: str) -> Iterable[bytes]:
        if "/slow" in request:
            at_once.append(len([one for one in post.posted if one.path == "/slow"]))
            deadline = time.monotonic() + 10
            while len([one for one in post.server.requests if "/quick" in one]) < n and time.monotonic() < deadline:
                time.sleep(0.01)
        yield answer()

    with posting(answers) as post:
        assert post() == 2 * n
        order = [one.path for one in post.posted]
    assert order[: n + WIDTH].count("/quick") == n
    assert max(at_once[:WIDTH]) <= WIDTH


def test_connections_are_kept() -> None:
    endpoint, _ = an_endpoint()
    for _ in range(20):
        a_message(endpoint)
    with posting() as post:
        assert post() == 20
        assert post.server.n_connections <= WIDTH


def test_a_lost_key_is_said() -> None:
    with override_settings(ENCRYPTION_KEYS=["old"]):
        endpoint, _ = an_endpoint()
    a_message(endpoint)
    with posting() as post:
        post()
        assert post.posted == []
    assert only(endpoint).answer == LOST


def test_messages_are_forgotten_after_their_days() -> None:
    endpoint, _ = an_endpoint()
    old, held, young = (
        a_message(endpoint, at=later(days=-15)),
        a_message(endpoint, at=later(days=-15)),
        a_message(endpoint),
    )
    WebhookMessage.objects.filter(pk=held.pk).update(lease_until=later(minutes=1))
    assert forget(days=14, now=NOW) == 1
    assert not WebhookMessage.objects.filter(pk=old.pk).exists()
    assert states([held, young]) == ["waiting", "waiting"]
