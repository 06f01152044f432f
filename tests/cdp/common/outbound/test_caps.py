"""Proof S3: time and size end, whatever the other side does."""

import gzip
import itertools
import time
import tracemalloc
import zlib
from collections.abc import Iterator

import pytest

from cdp.common.outbound import Limits, OutboundFailed
from tests.cdp.common.outbound.answering import Answering, answer, world

SHORT = Limits(total_s=0.4, connect_s=0.4, most_bytes=10_000)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def drips(server: list[Answering], start: bytes, drop: bytes) -> Iterator[bytes]:
    """A little now and then: each wait is short, and there is no end to them."""
    yield start
    while not server[0].is_left.wait(0.02):
        yield drop


@pytest.mark.parametrize(
    ("start", "drop"),
    [
        (HEAD + b"Content-Length: 5000\r\n\r\n[", b" "),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        (HEAD + b"\r\n", b" "),
        (HEAD, b"X-More: 1\r\n"),
        (HEAD[:9], b"2"),
        (b"", b""),
        (b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 102 Processing\r\n\r\n"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n1", b"0"),
    ],
    ids=["length", "chunked", "until closed", "headers", "status", "silent", "informational", "chunk size"],
)
def test_slow_answers_end_in_time(start: bytes, drop: bytes) -> None:
    """Against a time-out per read each of these would go on for ever, or for 5,000 times 20 ms."""
    servers: list[Answering] = []
    with world(lambda _: drips(servers, start, drop)) as (client, server, _):
        servers.append(server)
        began = time.monotonic()
        with pytest.raises(OutboundFailed):
            client.get("http://good.test/", limits=SHORT)
        assert time.monotonic() - began < 2


def test_redirects_share_one_time() -> None:
    """Each answer comes within the time, all of them do not."""
    servers: list[Answering] = []

    def moved(request: str) -> Iterator[bytes]:
        servers[0].is_left.wait(0.25)
        yield answer(status="302 Found", headers=["Location: /on"])

    with world(moved) as (client, server, _):
        servers.append(server)
        with pytest.raises(OutboundFailed, match=r"No whole answer within 0\.4 s"):
            client.get("http://good.test/", limits=SHORT)
        assert 1 < len(server.requests) <= 3


def endless(start: bytes, part: bytes) -> Iterator[bytes]:
    yield start
    yield from itertools.repeat(part)


@pytest.mark.parametrize(
    ("start", "part"),
    [
        (HEAD + b"Content-Length: 99999999999\r\n\r\n", b"x" * 8192),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1000\r\n" + b"x" * 4096 + b"\r\n"),
        (HEAD + b"\r\n", b"x" * 8192),
        (HEAD, b"X-More: " + b"x" * 8000 + b"\r\n"),
        (HEAD + b"X-Long: ", b"x" * 8192),
        (b"", b"x" * 8192),
    ],
    ids=["length", "chunked", "until closed", "headers", "one header", "no head"],
)
def test_endless_answers_end(start: bytes, part: bytes) -> None:
    with world(lambda _: endless(start, part)) as (client, _, _):
        began = time.monotonic()
        with pytest.raises(OutboundFailed):
            client.get("http://good.test/", limits=Limits(total_s=5, most_bytes=10_000))
        assert time.monotonic() - began < 3


@pytest.mark.parametrize(
    ("encoding", "bomb"),
    [
        ("gzip", gzip.compress(b" " * 50_000_000)),
        ("x-gzip", gzip.compress(b" " * 50_000_000)),
        ("deflate", zlib.compress(b" " * 50_000_000, 9)),
    ],
)
def test_bombs_are_not_unpacked(encoding: str, bomb: bytes) -> None:
    assert len(bomb) < 60_000
    with world(lambda _: answer(bomb, headers=[f"Content-Encoding: {encoding}"])) as (client, _, _):
        tracemalloc.start()
        with pytest.raises(OutboundFailed, match="larger than 100,000 bytes") as failed:
            client.get("http://good.test/", limits=Limits(most_bytes=100_000))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert failed.value.permanent
    assert peak < 2_000_000


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "compress", "gzip,deflate"])
def test_other_compression_is_not_read(encoding: str) -> None:
    bomb = gzip.compress(gzip.compress(b" " * 1_000_000))
    with world(lambda _: answer(bomb, headers=[f"Content-Encoding: {encoding}"])) as (client, _, _):
        with pytest.raises(OutboundFailed, match="not asked for"):
            client.get("http://good.test/")


@pytest.mark.parametrize(
    "broken",
    [b"no gzip", gzip.compress(b"x" * 500, mtime=0)[:-12], gzip.compress(b"", mtime=0)[:5]],
    ids=["other", "cut", "begun"],
)
def test_broken_compression_is_no_answer(broken: bytes) -> None:
    with world(lambda _: answer(broken, headers=["Content-Encoding: gzip"])) as (client, _, _):
        with pytest.raises(OutboundFailed, match="compression"):
            client.get("http://good.test/")


def test_compressed_answers_are_read() -> None:
    packed = answer(gzip.compress(b"[1, 2]"), headers=["Content-Encoding: gzip"])
    with world(lambda _: packed) as (client, server, _):
        assert client.get("http://good.test/").body == b"[1, 2]"
    assert "Accept-Encoding: gzip\r\n" in server.requests[0]


def test_the_cap_is_the_largest_that_passes() -> None:
    with world(lambda _: answer(b"x" * 1000)) as (client, _, _):
        assert len(client.get("http://good.test/", limits=Limits(most_bytes=1000)).body) == 1000
        with pytest.raises(OutboundFailed):
            client.get("http://good.test/", limits=Limits(most_bytes=999))
        cut = client.get("http://good.test/", limits=Limits(most_bytes=10, is_cut=True))
        assert cut.body == b"x" * 10


def test_head_has_no_body_to_wait_for() -> None:
    with world(lambda _: HEAD + b"Content-Length: 5000\r\nContent-Encoding: gzip\r\n\r\n") as (client, _, _):
        received = client.send("HEAD", "http://good.test/", limits=SHORT)
    assert (received.status, received.body) == (200, b"")


def test_a_server_that_takes_nothing_is_not_waited_for() -> None:
    """More than the sockets buffer, to one who never reads it."""
    with world(lambda _: answer()) as (client, server, _):
        server._read = lambda _: server.is_left.wait(5) and ""  # type: ignore[method-assign, assignment, return-value]
        began = time.monotonic()
        with pytest.raises(OutboundFailed):
            client.send("POST", "http://good.test/", body=b"x" * 20_000_000, limits=SHORT)
        assert time.monotonic() - began < 2


@pytest.mark.parametrize("garbage", [b"220 mail.test ESMTP\r\n\r\n", b"+OK\r\n\r\n", b"\x00\xff" * 100 + b"\r\n\r\n"])
def test_other_protocols_are_no_answer(garbage: bytes) -> None:
    with world(lambda _: garbage) as (client, _, _):
        with pytest.raises(OutboundFailed, match="HTTP"):
            client.get("http://good.test/", limits=SHORT)
