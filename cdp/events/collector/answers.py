"""What the collector says back: small JSON, and sentences that tell the sender what to do."""

from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from cdp.events.shape import Checked

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = Sequence[tuple[bytes, bytes]]

JSON: tuple[bytes, bytes] = (b"content-type", b"application/json")


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes
    headers: Headers = (JSON,)


class Refused(Exception):
    """The request as a whole is not taken; the sender reads the code and the sentence."""

    def __init__(self, status: int, code: str, message: str, *, retry_after_s: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.retry_after_s = retry_after_s

    def answer(self) -> Answer:
        body = msgspec.json.encode({"success": False, "code": self.code, "message": self.message})
        headers = [JSON]
        if self.retry_after_s is not None:
            wait = str(self.retry_after_s).encode()
            headers += [(b"retry-after", wait), (b"x-ratelimit-reset", wait)]  # browsers' SDKs read the second
        if self.status in {408, 413}:
            headers.append((b"connection", b"close"))
        return Answer(self.status, body, headers)


def taken(checked: Checked) -> Answer:
    if not checked.refusals:
        return Answer(200, b'{"success":true,"accepted":%d,"refused":[]}' % checked.n_events)
    refused = [
        {"index": one.index, "messageId": one.message_id, "code": one.code, "reason": one.reason}
        for one in checked.refusals
    ]
    return Answer(200, msgspec.json.encode({"success": True, "accepted": checked.n_accepted, "refused": refused}))


async def answer_with(send: Send, answer: Answer, *, cors: Headers, is_head: bool = False) -> None:
    length = str(len(answer.body)).encode()
    headers = [*answer.headers, *cors, (b"content-length", length)]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if is_head else answer.body})
