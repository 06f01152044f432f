"""Proof S3: what is sent is what was meant, and nothing of ourselves."""

import pytest

from cdp.common.outbound import Limits, OutboundFailed, OutboundRefused
from tests.cdp.common.outbound.answering import PUBLIC, answer, world


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Key", "a\r\nX-Injected: 1"),
        ("X-Key", "a\nX-Injected: 1"),
        ("X-Key", "a\rb"),
        ("X-Key", "a\x00b"),
        ("X-Key", "a\x0bb"),
        ("X-Key", "a\u010ab"),
        ("X-Key", "ä"),
        ("X-Key", " a"),
        ("X-Key", "x" * 5000),
        ("X-Key\r\nX-Injected", "1"),
        ("X Key", "1"),
        ("X-Key:", "1"),
        ("", "1"),
        ("X-Kéy", "1"),
        ("Host", "127.0.0.1"),
        ("hOST", "127.0.0.1"),
        ("Content-Length", "0"),
        ("Transfer-Encoding", "chunked"),
        ("Connection", "X-Key"),
        ("Upgrade", "h2c"),
        ("Proxy-Authorization", "x"),
        ("Cookie", "a=1"),
        ("Accept-Encoding", "br"),
    ],
)
def test_headers_that_are_not_sent(name: str, value: str) -> None:
    with world(lambda _: answer()) as (client, _, roads), pytest.raises(OutboundRefused):
        client.get("http://good.test/", headers={name: value})
    assert roads.dialled == []


@pytest.mark.parametrize("path", ["/a\r\nX-Injected: 1", "/a\nb", "/a b", "/%0d%0aX-Injected:%201", "/ä\u2028b"])
def test_no_path_writes_a_header(path: str) -> None:
    with world(lambda _: answer()) as (client, server, _):
        try:
            client.get(f"http://good.test{path}")
        except OutboundRefused:
            assert server.requests == []
            return
    assert server.requests[0].split("\r\n")[0] == "GET /%0d%0aX-Injected:%201 HTTP/1.1"
    assert not any(line.startswith("X-Injected") for line in server.requests[0].split("\r\n"))


def test_cookies_are_neither_kept_nor_sent() -> None:
    with world(lambda _: answer(headers=["Set-Cookie: a=1"])) as (client, server, _):
        client.get("http://good.test/")
        client.get("http://good.test/")
    assert not any("cookie" in request.lower() for request in server.requests)


def test_what_is_sent() -> None:
    with world(lambda _: answer()) as (client, server, roads):
        client.get("http://good.test:8080/x?y=1", headers={"Authorization": "Bearer a b"})
    assert server.requests == [
        "GET /x?y=1 HTTP/1.1\r\nHost: good.test:8080\r\nUser-Agent: Tributary\r\nAccept-Encoding: gzip\r\n"
        "Authorization: Bearer a b\r\n\r\n"
    ]
    assert roads.dialled == [(PUBLIC, 8080)]


def test_connections_are_kept_within_a_batch_and_ended_with_it() -> None:
    with world(lambda _: answer(b"1")) as (client, server, roads):
        for _ in range(3):
            client.get("http://good.test/")
        assert server.n_connections == 1
    assert len(roads.dialled) == 1


def test_a_kept_connection_that_closed_is_replaced() -> None:
    """Said to be kept, and closed all the same: a GET is asked again, a POST is not."""

    def once(request: str) -> list[bytes]:
        raise OSError("closes")

    calls = [0]

    def answers(request: str) -> bytes | list[bytes]:
        calls[0] += 1
        return answer(b"1") if calls[0] != 2 else once(request)

    with world(answers) as (client, server, _):
        assert client.get("http://good.test/").body == b"1"
        assert client.get("http://good.test/").body == b"1"
        assert server.n_connections == 2
        calls[0] = 1
        with pytest.raises(OutboundFailed):
            client.send("POST", "http://good.test/", body=b"1", limits=Limits(total_s=2))
    assert calls[0] == 2
