"""One request to a feed's endpoint, and whether its answer is one that mails can be made of."""

from dataclasses import dataclass
from typing import Any

import msgspec

from campaigns.feeds.definition import Definition, Violation, violations
from cdp.common.outbound import Client, Limits, OutboundError, Received

DOWN = frozenset({401, 403, 429})
"""Besides 5xx: answers by which an endpoint turns everybody away."""


@dataclass(frozen=True)
class Asked:
    """What came of it. `why` is empty for a good answer, else a sentence that names nobody."""

    value: Any = None
    why: str = ""
    is_down: bool = False
    """The endpoint as a whole does not work, rather than have nothing for this one address."""
    was_sent: bool = True
    body: bytes = b""
    received: Received | None = None
    violations: tuple[Violation, ...] = ()


def ask(definition: Definition, url: str, *, client: Client, within_s: float) -> Asked:
    """Never raises for what the other side does."""
    feed = definition.feed
    limits = Limits(
        total_s=max(0.01, min(definition.timeout_s, within_s)),
        connect_s=definition.timeout_s,
        most_bytes=feed.most_bytes,
    )
    headers = {"Accept": "application/json", **definition.headers}
    try:
        received = client.get(url, headers=headers, limits=limits)
    except OutboundError as error:
        return Asked(why=str(error), is_down=True)
    if not 200 <= received.status < 300:
        is_down = received.status >= 500 or received.status in DOWN
        return Asked(why=f"It answered {received.status}.", is_down=is_down, received=received, body=received.body)
    return judge(definition, received)


def judge(definition: Definition, received: Received) -> Asked:
    try:
        value = msgspec.json.decode(received.body.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return Asked(why="Its answer is not JSON.", is_down=True, received=received, body=received.body)
    try:
        found = violations(definition.validator, value) if definition.validator else []
    except (ValueError, RecursionError):
        return Asked(why="Its answer is nested too deep for its schema.", received=received, body=received.body)
    if found:
        why = f"Its answer breaks the schema at {found[0].place}: {found[0].message}."[:300]
        return Asked(why=why, received=received, body=received.body, violations=tuple(found))
    return Asked(value, received=received, body=received.body)
