"""Messages that cannot be taken in."""

import json
from typing import Any

from tests.faults.crowd import CANARY, PHONE_CANARY

DEEP = 5_000


def bad(index: int, *, tag: str = "bad") -> bytes:
    """A broken message with somebody's address in it: ten kinds, in turn."""
    text, name = f"{tag}-{index}{CANARY}", f"{tag}-{index}"
    head = {"type": "track", "messageId": name, "userId": text, "event": "Bad", "properties": {"is": text}}
    kinds: list[Any] = [
        {**head, "event": "Bad\0"},
        {**head, "properties": {"phone": f"{PHONE_CANARY}\0"}},
        {**head, "type": "identify", "event": None, "traits": {"email": f"{text}\0"}},
        {**head, "properties": {"is": text * 3_000}},
        {**head, "properties": {"is": f"{text}\ud800"}},
        {**head, "userId": None, "anonymousId": ""},
        {**head, "userId": "null"},
        {**head, "timestamp": text},
        b'{"type":"track","messageId":"%s","event":"Bad","properties":' % name.encode()
        + b'{"a":' * DEEP
        + b"1"
        + b"}" * DEEP
        + b"}",
        b'{"type":"track","messageId":"%s","event":"Bad","userId":NaN}' % name.encode(),
    ]
    one = kinds[index % len(kinds)]
    return one if isinstance(one, bytes) else json.dumps(one).encode()
