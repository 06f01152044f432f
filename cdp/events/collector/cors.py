"""Any website may send: what authorises is the write key, never a cookie, so no credentials are allowed."""

import re

from cdp.events.collector.answers import Answer, Headers

ORIGIN: Headers = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"retry-after, x-ratelimit-reset"),
)
_USUAL = b"anonymousid, authorization, content-type, content-encoding, sentat, x-write-key, x-retry-count"
_HEADER_LIST = re.compile(rb"[\w\-, ]{1,1000}")


def preflight(asked_headers: bytes | None) -> Answer:
    """`*` does not cover authorization, so the headers asked for are named again."""
    allowed = asked_headers if asked_headers and _HEADER_LIST.fullmatch(asked_headers) else _USUAL
    return Answer(
        204,
        b"",
        (
            (b"access-control-allow-methods", b"GET, HEAD, POST, OPTIONS"),
            (b"access-control-allow-headers", allowed),
            (b"access-control-max-age", b"86400"),
        ),
    )
