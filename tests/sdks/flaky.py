"""An ASGI application between a client and the collector that loses answers, as networks do."""

import threading
from dataclasses import dataclass, field
from typing import Any

from cdp.events.collector.answers import Message, Receive, Scope, Send


@dataclass(frozen=True)
class Lost:
    """An answer the client gets instead of the collector's, which has already taken the events."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...] = ()


@dataclass
class Flaky:
    """Notes each posted request; loses answers while there are any in `losing`."""

    application: Any
    losing: list[Lost] = field(default_factory=list)
    posts: list[tuple[str, int]] = field(default_factory=list)
    """Path, and the collector's own status."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST":
            await self.application(scope, receive, send)
            return
        with self.lock:
            lost = self.losing.pop(0) if self.losing else None
        statuses: list[int] = []

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])
                if lost is not None:
                    cors = (b"access-control-allow-origin", b"*")
                    message = {**message, "status": lost.status, "headers": [*lost.headers, cors]}
            elif lost is not None:
                message = {**message, "body": b""}
            await send(message)

        await self.application(scope, receive, watched)
        self.posts.append((scope["path"], statuses[0]))
