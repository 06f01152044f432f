"""Reads a request's body: never more than its limit, never longer than its time, unzipped with a bound."""

import asyncio
import zlib

from cdp.events.collector.answers import Receive, Refused
from cdp.events.shape import MAX_BODY_BYTES

ABSURD_BYTES = 5 * 1024 * 1024
"""Read at most; between 500 KB and this a client is told by Segment's 400, above it by a 413."""
READ_TIMEOUT_S = 20.0


async def read_body(receive: Receive, headers: dict[bytes, bytes], *, timeout_s: float) -> bytes:
    _check_length(headers.get(b"content-length"))
    message = await _next(receive, timeout_s)
    body: bytes = message[0]
    if message[1]:
        body = await _read_rest(receive, body, timeout_s)
    return _plain(body, headers.get(b"content-encoding", b"").strip().lower())


async def _read_rest(receive: Receive, first: bytes, timeout_s: float) -> bytes:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + timeout_s
    chunks, size, more = [first], len(first), True
    while more:
        chunk, more = await _next(receive, deadline - loop.time())
        chunks.append(chunk)
        size += len(chunk)
        if size > ABSURD_BYTES:
            raise _absurd()
    return b"".join(chunks)


async def _next(receive: Receive, timeout_s: float) -> tuple[bytes, bool]:
    try:
        async with asyncio.timeout(timeout_s):
            message = await receive()
    except TimeoutError as error:
        raise Refused(408, "slow", "The body did not arrive in time; send it again.") from error
    if message["type"] == "http.disconnect":
        raise Refused(400, "aborted", "The connection closed before the whole body had arrived.")
    return message.get("body", b""), message.get("more_body", False)


def _check_length(told: bytes | None) -> None:
    if told is not None and told.isdigit() and int(told) > ABSURD_BYTES:
        raise _absurd()


def _absurd() -> Refused:
    longest, most = ABSURD_BYTES // 1024 // 1024, MAX_BODY_BYTES // 1024
    return Refused(413, "size", f"The body has more than {longest} MB; at most {most} KB are taken at once.")


def _plain(body: bytes, encoding: bytes) -> bytes:
    """Gzip is known by its first bytes too: some clients compress and do not say so."""
    if encoding in {b"", b"identity", b"gzip", b"x-gzip"}:
        return _unzip(body) if body[:2] == b"\x1f\x8b" else body
    raise Refused(400, "encoding", "Content-Encoding must be gzip or left out.")


def _unzip(body: bytes) -> bytes:
    unzip = zlib.decompressobj(wbits=31)
    try:
        plain = unzip.decompress(body, MAX_BODY_BYTES + 1)
    except zlib.error as error:
        raise Refused(400, "encoding", "The body is not gzip although it begins like it.") from error
    if len(plain) > MAX_BODY_BYTES:
        raise Refused(
            400,
            "size",
            f"The body has more than {MAX_BODY_BYTES // 1024} KB after decompression; send smaller batches.",
        )
    if not unzip.eof:
        raise Refused(400, "encoding", "The gzip body is cut off.")
    return plain
