"""Proof S3: a name that says one thing when it is checked and another when it is dialled gains nothing."""

import threading
import time
from collections.abc import Sequence

import pytest

from cdp.common.outbound import Client, Limits, OutboundFailed, OutboundRefused, Policy
from tests.cdp.common.outbound.answering import OTHER_PUBLIC, PUBLIC, Canary, Names, Roads, answer, world

SWITCHING = {"switch.test": [[PUBLIC], ["127.0.0.1"]]}


def test_the_address_that_was_checked_is_the_one_dialled() -> None:
    with world(lambda _: answer(b"1"), names=SWITCHING) as (client, _, roads):
        assert client.get("http://switch.test/").body == b"1"
    assert roads.dialled == [(PUBLIC, 80)]


def test_the_name_is_looked_up_once_for_a_connection_that_is_kept() -> None:
    resolver = Names(SWITCHING)
    with world(lambda _: answer(b"1")) as (_, server, roads):
        with Client(Policy(), resolver=resolver, dial=roads.dial) as client:
            for _ in range(5):
                assert client.get("http://switch.test/").body == b"1"
    assert resolver.asked == ["switch.test"]
    assert roads.dialled == [(PUBLIC, 80)]
    assert len(server.requests) == 5


def test_a_new_connection_is_checked_anew() -> None:
    """The first answer closes the connection; the second look-up leads inside."""
    closing = answer(b"1", headers=["Connection: close"])
    with Canary() as canary:
        names = {"switch.test": [[PUBLIC], ["127.0.0.1"]]}
        with world(lambda _: closing, names=names, policy=Policy(ports=frozenset({canary.port}))) as (client, _, roads):
            assert client.get(f"http://switch.test:{canary.port}/").status == 200
            with pytest.raises(OutboundRefused):
                client.get(f"http://switch.test:{canary.port}/")
        assert canary.n_reached == 0
    assert roads.dialled == [(PUBLIC, canary.port)]


@pytest.mark.parametrize(
    "answers",
    [
        ["93.184.215.14", "127.0.0.1"],
        ["10.0.0.1", "93.184.215.14"],
        [OTHER_PUBLIC, "::1"],
        [PUBLIC, OTHER_PUBLIC, "::ffff:93.184.215.14"],
    ],
)
def test_one_address_inside_spoils_them_all(answers: list[str]) -> None:
    with world(lambda _: answer(), names={"mixed.test": [answers]}) as (client, _, roads):
        with pytest.raises(OutboundRefused):
            client.get("http://mixed.test/")
    assert roads.dialled == []


def test_a_redirect_to_a_name_that_switched() -> None:
    """The name was public for the first request and is private for the redirect's."""
    moved = answer(status="302 Found", headers=["Location: http://switch.test:8080/x", "Connection: close"])
    with world(lambda _: moved, names=SWITCHING) as (client, server, roads):
        with pytest.raises(OutboundRefused):
            client.get("http://switch.test/")
    assert roads.dialled == [(PUBLIC, 80)]
    assert len(server.requests) == 1


def test_a_resolver_that_does_not_answer_is_not_waited_for() -> None:
    answered = threading.Event()

    def silent(host: str, port: int) -> Sequence[str]:
        answered.wait(10)
        return [PUBLIC]

    began = time.monotonic()
    with Client(Policy(), resolver=silent, dial=Roads({}).dial) as client:
        with pytest.raises(OutboundFailed, match="No connection within"):
            client.get("http://silent.test/", limits=Limits(connect_s=0.1))
    answered.set()
    assert time.monotonic() - began < 2
