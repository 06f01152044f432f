"""The tracking pixel: an event in the address of an image, for mails and pages without script."""

import base64
import binascii
from urllib.parse import parse_qsl

import msgspec

from cdp.events.collector.answers import Answer

_GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
GIF = Answer(
    200,
    _GIF,
    ((b"content-type", b"image/gif"), (b"cache-control", b"no-store, no-cache, must-revalidate, max-age=0")),
)


class BadPixel(ValueError):
    """The address holds neither `data=` with base64 JSON nor dotted parameters such as properties.subject=."""


def pixel_event(query: bytes) -> bytes:
    """The event as JSON."""
    parameters = dict(parse_qsl(query.decode("latin-1"), keep_blank_values=True, encoding="utf-8"))
    data = parameters.pop("data", None)
    event = _unpacked(data) if data is not None else {}
    for path, value in parameters.items():
        _put(event, path, value)
    if not event:
        raise BadPixel
    return msgspec.json.encode(event)


def _unpacked(data: str) -> dict[str, object]:
    """Base64 as found in the wild: URL-safe or not, unpadded, plus signs turned into spaces."""
    text = data.replace(" ", "+").replace("-", "+").replace("_", "/").rstrip("=")
    try:
        event = msgspec.json.decode(base64.b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadPixel from error
    if not isinstance(event, dict):
        raise BadPixel
    return event


def _put(event: dict[str, object], path: str, value: str) -> None:
    *parents, last = path.split(".")[:10]
    place = event
    for parent in parents:
        inner = place.setdefault(parent, {})
        if not isinstance(inner, dict):
            raise BadPixel
        place = inner
    place[last] = value
