"""More than can be taken: many senders, each with a connection of its own, that post batches at times fixed beforehand
and come again when they are told to.

    python -m tests.faults.flood URL KEY EVENTS_PER_S SENDERS SECONDS TAG      prints one JSON object
"""

import asyncio
import base64
import json
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

from tests.product import ROOT

BATCH = 100
PEOPLE = 2_000
MARK = b"@@@@@@@@@@"


@dataclass
class Flooded:
    seconds: float = 0.0
    statuses: Counter[str] = field(default_factory=Counter)
    """Answers, by status; `none` where a connection broke."""
    took_ms: list[float] = field(default_factory=list)
    """Of what was taken: from sending to the answer."""
    without_retry_after: int = 0

    @property
    def accepted_per_s(self) -> float:
        return self.statuses["200"] * BATCH / self.seconds

    @property
    def refused(self) -> int:
        return self.statuses["429"] + self.statuses["503"]

    def quantile_ms(self, share: float) -> float:
        return sorted(self.took_ms)[int(len(self.took_ms) * share)]


def flood(url: str, key: str, *, events_per_s: float, senders: int, seconds: float, tag: str) -> Flooded:
    """In a process of its own: the tests' process has other things to do."""
    ran = subprocess.run(
        [sys.executable, "-m", __name__, url, key, str(events_per_s), str(senders), str(seconds), tag],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        raise AssertionError(ran.stderr)
    told = json.loads(ran.stdout)
    return Flooded(**told | {"statuses": Counter(told["statuses"])})


@dataclass
class _Sender:
    """Sends each batch until it is taken; meanwhile the next ones wait."""

    url: str
    head: str
    bodies: list[bytes]
    every_s: float
    found: Flooded
    tag: str
    number: int

    async def run(self, *, until_s: float) -> None:
        asked = urlsplit(self.url)
        due_s = time.monotonic() + self.every_s * (self.number % 97) / 97
        turn = 0
        while (now_s := max(due_s, time.monotonic())) < until_s:
            await asyncio.sleep(now_s - time.monotonic())
            try:
                reader, writer = await asyncio.open_connection(asked.hostname, asked.port)
                while time.monotonic() < until_s:
                    await asyncio.sleep(max(0.0, due_s - time.monotonic()))
                    wait_s = await self._post(reader, writer, turn)
                    turn, due_s = (turn + 1, due_s + self.every_s) if wait_s is None else (turn, due_s)
                    await asyncio.sleep(wait_s or 0)
                writer.close()
            except (OSError, asyncio.IncompleteReadError):
                self.found.statuses["none"] += 1
                await asyncio.sleep(0.2)

    async def _post(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, turn: int) -> float | None:
        """None if it was taken, else after how many seconds to come again."""
        mark = f"{self.number:04}{turn:06}".encode()
        body = self.bodies[turn % len(self.bodies)].replace(MARK, mark)
        asked_s = time.monotonic()
        writer.write(f"{self.head}content-length: {len(body)}\r\n\r\n".encode() + body)
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if line)
        await reader.readexactly(int(headers["content-length"]))
        status = head[9:12]
        self.found.statuses[status] += 1
        if status == "200":
            self.found.took_ms.append((time.monotonic() - asked_s) * 1000)
            return None
        self.found.without_retry_after += "retry-after" not in headers
        return float(headers.get("retry-after", 1))


def bodies(tag: str) -> list[bytes]:
    """MARK makes their message ids their own."""
    now = datetime.now(UTC).isoformat()
    return [
        json.dumps(
            {
                "batch": [
                    {
                        "type": "track",
                        "event": "Product Viewed",
                        "userId": f"{tag}-{(start + n) % PEOPLE}",
                        "messageId": f"{tag}-{start}-{n}-{MARK.decode()}",
                        "timestamp": now,
                        "properties": {"product_id": f"item-{n}", "price": 19.9},
                    }
                    for n in range(BATCH)
                ]
            }
        ).encode()
        for start in range(0, PEOPLE, BATCH)
    ]


async def _flood(url: str, key: str, *, events_per_s: float, senders: int, seconds: float, tag: str) -> Flooded:
    found = Flooded()
    basic = base64.b64encode(f"{key}:".encode()).decode()
    head = f"POST /v1/batch HTTP/1.1\r\nhost: x\r\nauthorization: Basic {basic}\r\ncontent-type: application/json\r\n"
    every_s = senders * BATCH / events_per_s
    made, began_s = bodies(tag), time.monotonic()
    until_s = began_s + seconds
    work = (_Sender(url, head, made, every_s, found, tag, number).run(until_s=until_s) for number in range(senders))
    await asyncio.gather(*work)
    found.seconds = time.monotonic() - began_s
    return found


if __name__ == "__main__":
    url, key, events_per_s, senders, seconds, tag = sys.argv[1:]
    given = {"events_per_s": float(events_per_s), "senders": int(senders), "seconds": float(seconds), "tag": tag}
    sys.stdout.write(json.dumps(vars(asyncio.run(_flood(url, key, **given)))))  # type: ignore[arg-type]
