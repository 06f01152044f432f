"""Where clients put their write key: Basic user, Bearer, X-Write-Key, query, or the body."""

import base64
import binascii
from collections.abc import Iterator
from urllib.parse import parse_qs

LONGEST_KEY = 200


def keys_outside_body(headers: dict[bytes, bytes], query: bytes) -> Iterator[str]:
    """The write keys a request names before its body is read, the most deliberate first."""
    if (authorization := headers.get(b"authorization")) is not None:
        scheme, _, rest = authorization.partition(b" ")
        if scheme.lower() == b"basic":
            yield from _usable(_basic_user(rest))
        elif scheme.lower() == b"bearer":
            yield from _usable(rest.strip().decode("latin-1"))
    if (header := headers.get(b"x-write-key")) is not None:
        yield from _usable(header.strip().decode("latin-1"))
    if b"writeKey=" in query:
        yield from _usable(parse_qs(query.decode("latin-1")).get("writeKey", [""])[0])


def _usable(key: str) -> Iterator[str]:
    if 0 < len(key) <= LONGEST_KEY:
        yield key


def _basic_user(encoded: bytes) -> str:
    try:
        pair = base64.b64decode(encoded.strip() + b"==", validate=False)
    except (binascii.Error, ValueError):
        return ""
    return pair.partition(b":")[0].decode("latin-1")
