"""Proof S3: redirects are followed by hand, and each address they lead to is checked like the first."""

from collections.abc import Callable

import pytest

from cdp.common.outbound import Client, Limits, OutboundFailed, OutboundRefused, Policy
from tests.cdp.common.outbound.answering import PUBLIC, Answering, Canary, Names, Roads, answer, world

STATUSES = (301, 302, 303, 307, 308)
INSIDE = (
    "http://127.0.0.1:PORT/",
    "http://[::1]:PORT/",
    "http://2130706433:PORT/",
    "http://0x7f.1:PORT/",
    "http://0177.1:PORT/",
    "http://[::ffff:127.0.0.1]:PORT/",
    "http://localhost:PORT/",
    "http://user@127.0.0.1:PORT/",
    "http://good.test\\@127.0.0.1:PORT/",
    "//127.0.0.1:PORT/x",
    "//[::]:PORT/x",
    "http://169.254.169.254/latest/meta-data/",
    "http://inside.test:PORT/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:PORT/_x",
    "ftp://127.0.0.1:PORT/",
    "dict://127.0.0.1:PORT/",
    "data:application/json,1",
    "javascript:alert(1)",
    "http://①②⑦.⓪.⓪.①:PORT/",
    "http://[::1",
    "http://[127.0.0.1]:PORT/",
)


def moves(to: str, status: int = 302) -> bytes:
    return answer(b"moved", status=f"{status} Moved", headers=[f"Location: {to}"]).replace(
        to.encode(), to.encode("utf-8")
    )


def by_path(answers: dict[str, bytes]) -> Callable[[str], bytes]:
    return lambda request: answers[request.split()[1]]


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("to", INSIDE, ids=ascii)
def test_no_redirect_leads_inside(to: str, status: int) -> None:
    with Canary() as canary:
        answers = {"/": moves(to.replace("PORT", str(canary.port)), status)}
        names = {"inside.test": [["127.0.0.1"]]}
        policy = Policy(ports=frozenset({80, 443, canary.port}))
        with world(by_path(answers), names=names, policy=policy) as (client, server, roads):
            with pytest.raises(OutboundRefused):
                client.get("http://good.test/")
        assert canary.n_reached == 0
    assert roads.dialled == [(PUBLIC, 80)]
    assert len(server.requests) == 1


def test_a_chain_that_ends_inside() -> None:
    answers = {"/": moves("/2"), "/2": moves("http://other.test/3", 307), "/3": moves("http://127.0.0.1/")}
    with world(by_path(answers)) as (client, server, roads):
        with pytest.raises(OutboundRefused):
            client.get("http://good.test/")
    assert len(server.requests) == 3
    assert "127.0.0.1" not in {address for address, _ in roads.dialled}


def test_an_own_host_does_not_lead_further_inside() -> None:
    """What is allowed is a prefix, not a trust in what stands there."""
    with Canary() as canary, Answering(lambda _: moves(f"http://127.0.0.1:{canary.port}/")) as server:
        with Client(Policy((f"http://127.0.0.1:{server.port}/own/",))) as client:
            with pytest.raises(OutboundRefused):
                client.get(f"http://127.0.0.1:{server.port}/own/")
        assert canary.n_reached == 0


def test_a_public_host_does_not_lead_to_an_unlisted_part_of_an_own_one() -> None:
    with Answering(lambda _: answer(b"secret")) as own:
        resolver, roads = Names({"good.test": [[PUBLIC]]}), Roads({})
        with Answering(lambda _: moves(f"http://127.0.0.1:{own.port}/admin/")) as server:
            roads = Roads({PUBLIC: server.port})
            policy = Policy((f"http://127.0.0.1:{own.port}/demo/",))
            with Client(policy, resolver=resolver, dial=roads.dial) as client, pytest.raises(OutboundRefused):
                client.get("http://good.test/")
    assert own.n_connections == 0


@pytest.mark.parametrize("status", STATUSES)
def test_honest_redirects_are_followed(status: int) -> None:
    answers = {"/": moves("deep/er?x=1", status), "/deep/er?x=1": answer(b"[1]")}
    with world(by_path(answers)) as (client, _, _):
        received = client.get("http://good.test/")
    assert (received.body, received.redirects, received.url) == (b"[1]", 1, "http://good.test/deep/er?x=1")


def test_loops_end() -> None:
    with world(lambda _: moves("/")) as (client, server, _):
        with pytest.raises(OutboundFailed, match="redirects more than 3 times") as failed:
            client.get("http://good.test/")
    assert failed.value.permanent
    assert len(server.requests) == 4


def test_redirects_can_be_left_to_the_caller() -> None:
    with world(lambda _: moves("http://127.0.0.1/")) as (client, server, _):
        received = client.get("http://good.test/", limits=Limits(redirects=0))
    assert (received.status, received.headers["location"]) == (302, "http://127.0.0.1/")
    assert len(server.requests) == 1


def test_secrets_do_not_travel_to_another_host() -> None:
    answers = {"/": moves("/2"), "/2": moves("http://other.test/3"), "/3": answer()}
    with world(by_path(answers)) as (client, server, _):
        client.get("http://good.test/", headers={"Authorization": "Bearer s3cret"})
    carried = ["s3cret" in request for request in server.requests]
    assert carried == [True, True, False]


def test_a_port_is_another_host() -> None:
    answers = {"/": moves("http://good.test:8080/2"), "/2": answer()}
    with world(by_path(answers)) as (client, server, _):
        client.get("http://good.test/", headers={"X-Key": "s3cret"})
    assert "s3cret" not in server.requests[1]


@pytest.mark.parametrize("status", [301, 302, 303])
def test_what_was_posted_is_not_posted_again(status: int) -> None:
    answers = {"/": moves("/2", status), "/2": answer()}
    with world(by_path(answers)) as (client, server, _):
        client.send("POST", "http://good.test/", body=b'{"a":1}')
    assert server.requests[0].endswith('{"a":1}')
    assert server.requests[1].startswith("GET /2 ")
    assert '{"a":1}' not in server.requests[1]


def test_307_posts_again_on_the_same_host_only() -> None:
    answers = {"/": moves("/2", 307), "/2": moves("http://other.test/3", 308), "/3": answer()}
    with world(by_path(answers)) as (client, server, _):
        with pytest.raises(OutboundRefused, match="another host"):
            client.send("POST", "http://good.test/", body=b"x=1")
    assert [request.split()[0] for request in server.requests] == ["POST", "POST"]
    assert server.requests[1].endswith("x=1")
