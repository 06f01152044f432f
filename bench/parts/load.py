"""A load generator: keep-alive connections that send prepared requests as fast as they are answered.

Run as a process of its own: `python -m bench.parts.load HOST PORT CONNECTIONS SECONDS < requests`, where the
requests are JSON [[path, headers, body], …]; prints one JSON object.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import cast

import uvloop


@dataclass(frozen=True)
class Load:
    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    statuses: dict[str, int]

    @property
    def per_s(self) -> float:
        return self.requests / self.seconds


class Client(asyncio.Protocol):
    """One connection: sends the next request when the answer to the last has arrived."""

    def __init__(self, requests: Sequence[bytes], offset: int, took_ms: list[float], statuses: Counter[str]) -> None:
        self._requests, self._next = requests, offset
        self._took_ms, self._statuses = took_ms, statuses
        self._buffer = b""
        self._sent_s = 0.0
        self._transport: asyncio.WriteTransport | None = None
        self.is_stopping = False
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)  # uvloop's own kind, not a subclass
        self._send()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, end, rest = self._buffer.partition(b"\r\n\r\n")
        if not end:
            return
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        if len(rest) < length:
            return
        self._buffer = rest[length:]
        self._took_ms.append((time.perf_counter() - self._sent_s) * 1000)
        self._statuses[head[9:12].decode()] += 1
        if self.is_stopping:
            self._end()
        else:
            self._send()

    def connection_lost(self, _: Exception | None) -> None:
        self._end()

    def _send(self) -> None:
        assert self._transport is not None
        self._sent_s = time.perf_counter()
        self._transport.write(self._requests[self._next % len(self._requests)])
        self._next += 1

    def _end(self) -> None:
        if not self.ended.done():
            self.ended.set_result(None)


def request(path: str, headers: dict[str, str], body: bytes, *, host: str = "127.0.0.1") -> bytes:
    lines = [f"POST {path} HTTP/1.1", f"host: {host}", f"content-length: {len(body)}"]
    return "\r\n".join([*lines, *(f"{k}: {v}" for k, v in headers.items()), "", ""]).encode() + body


async def load(host: str, port: int, requests: Sequence[bytes], *, connections: int, seconds: float) -> Load:
    loop = asyncio.get_running_loop()
    took_ms: list[float] = []
    statuses: Counter[str] = Counter()
    clients = []
    started = time.perf_counter()
    for number in range(connections):
        client = Client(requests, number * len(requests) // connections, took_ms, statuses)
        await loop.create_connection(lambda client=client: client, host, port)  # type: ignore[misc]
        clients.append(client)
    await asyncio.sleep(seconds)
    for client in clients:
        client.is_stopping = True
    await asyncio.wait_for(asyncio.gather(*(client.ended for client in clients)), 30)
    took_s = time.perf_counter() - started
    took_ms.sort()
    return Load(len(took_ms), took_s, took_ms[len(took_ms) // 2], took_ms[int(len(took_ms) * 0.99)], dict(statuses))


def main() -> None:
    host, port, connections, seconds = sys.argv[1:5]
    requests = [request(path, headers, body.encode()) for path, headers, body in json.load(sys.stdin)]
    result = uvloop.run(load(host, int(port), requests, connections=int(connections), seconds=float(seconds)))
    print(json.dumps({**asdict(result), "per_s": result.per_s}))


if __name__ == "__main__":
    main()
