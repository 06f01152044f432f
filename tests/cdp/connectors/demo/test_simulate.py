"""Live traffic of the demo shop: through HTTP into the inbox, and politely."""

import json
import re
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from random import Random
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from cdp.accounts.models import WriteKey
from cdp.connectors.demo.catalogue import make_catalogue
from cdp.connectors.demo.live import Crowd
from cdp.connectors.demo.people import make_people
from cdp.connectors.demo.sender import NobodyAnswers, NotAccepted, Sender

from .features import UNTIL


class Endpoint(ThreadingHTTPServer):
    """Answers as told, then with 200, and keeps what it accepted."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.refusals: list[tuple[int, dict[str, str]]] = []
        self.accepted: list[dict[str, Any]] = []
        self.keys: set[str] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Endpoint

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert self.path == "/v1/batch"
        self.server.keys.add(self.headers["Authorization"])
        status, headers = self.server.refusals.pop(0) if self.server.refusals else (200, {})
        answer: dict[str, Any] = {"success": False, "message": "because"}
        if status == 200:
            self.server.accepted += body["batch"]
            answer = {"success": True, "accepted": len(body["batch"]), "refused": []}
        text = json.dumps(answer).encode()
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(text))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with Endpoint() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def crowd(run: str = "a") -> Crowd:
    return Crowd(make_people(80, seed=1, until=UNTIL), make_catalogue(1), Random(run), run)


def test_a_crowd_shops() -> None:
    messages = crowd().say(4000, now=UNTIL)
    assert len(messages) == len({message["messageId"] for message in messages}) == 4000
    assert all(message.get("userId") or message.get("anonymousId") for message in messages)
    names = Counter(message.get("event", message["type"]) for message in messages)
    assert names["Product Viewed"] > names["Product Added"] > names["Order Completed"] > 20
    orders = [m["properties"]["order_id"] for m in messages if m.get("event") == "Order Completed"]
    assert len(set(orders)) == len(orders)


def test_guests_introduce_themselves_before_they_order() -> None:
    known = set()
    guests = 0
    for message in crowd().say(4000, now=UNTIL):
        if message["type"] == "identify":
            known.add(message["anonymousId"])
        if message.get("event") == "Order Completed" and "userId" not in message:
            guests += 1
            assert message["anonymousId"] in known
    assert guests


def test_two_runs_share_no_message_id() -> None:
    ids = {message["messageId"] for message in crowd("a").say(100, now=UNTIL)}
    assert not ids & {message["messageId"] for message in crowd("b").say(100, now=UNTIL)}


def test_it_waits_when_asked_to_and_sends_the_same_again(endpoint: Endpoint) -> None:
    endpoint.refusals = [(429, {"Retry-After": "7"}), (503, {})]
    waited: list[float] = []
    sender = Sender(endpoint.url, "wk_x", waited.append)
    sender.send([{"messageId": "1"}], sent_at="now")
    sender.send([{"messageId": "2"}], sent_at="now")
    sender.close()
    assert waited == [7, 1]
    assert [message["messageId"] for message in endpoint.accepted] == ["1", "2"]
    assert sender.accepted == 2


def test_a_wrong_key_is_said_at_once(endpoint: Endpoint) -> None:
    endpoint.refusals = [(401, {})]
    sender = Sender(endpoint.url, "wk_x", lambda _: pytest.fail("it must not wait"))
    with pytest.raises(NotAccepted, match="401: because"):
        sender.send([{}], sent_at="now")
    sender.close()


def test_nobody_answers() -> None:
    with pytest.raises(NobodyAnswers, match="make run"):
        Sender("http://127.0.0.1:1", "wk_x", lambda _: None).send([{}], sent_at="now")


@pytest.mark.django_db
def test_the_command_makes_a_key_for_its_time(endpoint: Endpoint) -> None:
    said = StringIO()
    call_command("simulate", url=endpoint.url, rate=400.0, seconds=0.5, stdout=said)
    assert len(endpoint.accepted) == 200
    assert len(endpoint.keys) == 1
    assert WriteKey.objects.get().revoked_at is not None
    assert re.search(r"accepted 200$", said.getvalue().strip())


@pytest.mark.django_db
def test_the_command_uses_the_key_given(endpoint: Endpoint) -> None:
    call_command("simulate", url=endpoint.url, key="wk_mine", rate=40.0, seconds=0.1, stdout=StringIO())
    assert not WriteKey.objects.exists()
    with pytest.raises(CommandError, match="above 0"):
        call_command("simulate", rate=0.0)
