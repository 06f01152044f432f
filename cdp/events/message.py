"""Tracking messages as the pipeline sees them: typed where it looks, raw where it only passes on."""

import zlib
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from cdp.events.inbox import IMPORT, Claimed
from cdp.events.times import BadTime, occurred_at, parse_time

Scalar = str | int | float | None

EVENT_NAMES = {"page": "Page Viewed", "screen": "Screen Viewed", "group": "Group Identified"}
"""Calls other than `track` that are events too; `identify` and `alias` speak about the person only."""


NOTHING = b"null"
ABSENT = msgspec.Raw(NOTHING)

LOOKED_AT = (b'"traits"', b'"externalIds"', b'"consent"', b'"consentManagement"')
"""What the pipeline reads of a context. Most contexts hold none of it and are not decoded."""


class Sent(msgspec.Struct, rename="camel", gc=False):
    """One message of Segment's spec, as sent. Properties and context stay bytes until someone looks."""

    type: str | None = None
    message_id: Scalar = None
    user_id: Scalar = None
    anonymous_id: Scalar = None
    previous_id: Scalar = None
    group_id: Scalar = None
    event: str | None = None
    name: str | None = None
    category: str | None = None
    timestamp: str | None = None
    original_timestamp: str | None = None
    sent_at: str | None = None
    properties: msgspec.Raw = ABSENT
    traits: dict[str, Any] | None = None
    context: msgspec.Raw = ABSENT


class Envelope(msgspec.Struct, rename="camel", gc=False):
    """The body of /v1/batch and /v1/import."""

    batch: list[msgspec.Raw]
    sent_at: str | None = None
    context: msgspec.Raw = ABSENT


@dataclass(slots=True)
class Message:
    """One message on its way through the pipeline. `raw`, `properties_json` and `context_json` are the
    sender's own bytes: most messages are stored without being written out again."""

    source_id: int
    message_id: str
    kind: str
    name: str
    user_id: str
    anonymous_id: str
    previous_id: str
    occurred_at: datetime
    received_at: datetime
    is_import: bool
    raw: msgspec.Raw
    body_hash: int
    properties: dict[str, Any]
    properties_json: str
    traits: dict[str, Any]
    context_json: str
    context: dict[str, Any]
    """Only when it holds one of LOOKED_AT; empty otherwise."""
    claimed: Claimed
    record_key: str = ""
    record_id: int = 0
    profile_id: int = 0
    value: Decimal | None = None
    rate: Decimal | None = None
    """Its amount in the reporting currency, and what one unit of its currency is worth: set by the check."""

    @property
    def meta(self) -> dict[str, Any]:
        """Facts of the transport: address, user agent, Global Privacy Control."""
        return self.claimed.meta

    @property
    def cause(self) -> str:
        if found := self.meta.get(IMPORT):
            return f"import:{found}"
        return f"message:{self.source_id}:{self.message_id}"[:200]

    @property
    def is_event(self) -> bool:
        return self.kind == "track" or self.kind in EVENT_NAMES

    def rejected(self, code: str, reason: str) -> "Rejected":
        claimed = self.claimed
        return Rejected(
            self.source_id, bytes(self.raw), claimed.call, code, reason, self.received_at, self.name, claimed.meta
        )


@dataclass(frozen=True, slots=True)
class Rejected:
    """A message that is not taken in: it goes to quarantine with the reason, a sentence."""

    source_id: int
    raw: bytes
    call: str
    code: str
    reason: str
    received_at: datetime
    name: str = ""
    meta: dict[str, Any] = field(default_factory=dict)


_envelope = msgspec.json.Decoder(Envelope)
_sent = msgspec.json.Decoder(Sent)
_dict = msgspec.json.Decoder(dict[str, Any])


def read(claimed: Claimed) -> tuple[list[Message], list[Rejected]]:
    """The messages of one inbox row. What the collector refused, or cannot be read, comes back rejected."""
    try:
        envelope = _envelope.decode(claimed.body) if claimed.call == "batch" else None
    except msgspec.MsgspecError as error:
        return [], [_rejected(claimed, claimed.body, "shape", f"The batch could not be read: {error}.")]
    raws = envelope.batch if envelope else [msgspec.Raw(claimed.body)]
    messages, rejected = [], []
    for index, raw in enumerate(raws):
        if refusal := claimed.refused.get(str(index)):
            rejected.append(_rejected(claimed, bytes(raw), refusal["code"], refusal["reason"]))
            continue
        try:
            messages.append(_message(claimed, raw, index=index, envelope=envelope))
        except (msgspec.MsgspecError, BadTime, RecursionError, UnicodeError) as error:
            rejected.append(_rejected(claimed, bytes(raw), "shape", f"The message could not be read: {error}."))
    return messages, rejected


def _rejected(claimed: Claimed, raw: bytes, code: str, reason: str) -> Rejected:
    return Rejected(claimed.source_id, raw, claimed.call, code, reason, claimed.received_at, meta=claimed.meta)


def _message(claimed: Claimed, raw: msgspec.Raw, *, index: int, envelope: Envelope | None) -> Message:
    sent = _sent.decode(raw)
    kind = sent.type or claimed.call
    is_import = claimed.lane == "bulk"
    context_json = bytes(envelope.context if envelope and sent.context is ABSENT else sent.context)
    context = _dict.decode(context_json) if any(map(context_json.__contains__, LOOKED_AT)) else {}
    said = sent.original_timestamp or sent.timestamp
    sent_at = sent.sent_at or (envelope.sent_at if envelope else None)
    properties, properties_json = _properties(sent, kind)
    return Message(
        source_id=claimed.source_id,
        message_id=as_text(sent.message_id) or f"auto-{claimed.id}-{index}",
        kind=kind,
        name=sent.event or "" if kind == "track" else EVENT_NAMES.get(kind, ""),
        user_id=as_text(sent.user_id),
        anonymous_id=as_text(sent.anonymous_id),
        previous_id=as_text(sent.previous_id),
        occurred_at=_when(said, sent_at, claimed.received_at, is_import=is_import),
        received_at=claimed.received_at,
        is_import=is_import,
        raw=raw,
        body_hash=body_hash(bytes(raw), sent),
        properties=properties,
        properties_json=properties_json,
        traits=_traits(sent, context) if kind == "identify" else {},
        context_json="{}" if context_json == NOTHING else context_json.decode(),
        context=context,
        claimed=claimed,
    )


def _when(said: str | None, sent: str | None, received: datetime, *, is_import: bool) -> datetime:
    if is_import:
        return parse_time(said) if said else received
    try:
        sent_at = parse_time(sent) if sent else None
    except BadTime:
        sent_at = None
    return occurred_at(said=parse_time(said) if said else None, sent=sent_at, received=received)


def _properties(sent: Sent, kind: str) -> tuple[dict[str, Any], str]:
    """The event's properties, and as JSON: as sent where they are just that."""
    if kind == "group":
        properties = {**(sent.traits or {}), "group_id": as_text(sent.group_id)}
        return properties, as_json(properties)
    found = bytes(sent.properties)
    properties = {} if found == NOTHING else _dict.decode(found)
    if kind != "track" and (added := _names(sent, properties)):
        properties |= added
        return properties, as_json(properties)
    return properties, found.decode() if properties else "{}"


def _names(sent: Sent, properties: dict[str, Any]) -> dict[str, str]:
    """A page's name and category stand beside its properties in the call; they are properties to us."""
    given = (("name", sent.name), ("category", sent.category))
    return {key: text for key, text in given if text and key not in properties}


def _traits(sent: Sent, context: dict[str, Any]) -> dict[str, Any]:
    """RudderStack's SDKs send an identify's traits in the context alone."""
    elsewhere = context.get("traits")
    return {**elsewhere, **(sent.traits or {})} if isinstance(elsewhere, dict) else sent.traits or {}


def as_json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def as_text(value: Scalar) -> str:
    """Ids are text: 7 and "7" are the same id, and 7.0 is 7."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


def body_hash(raw: bytes, sent: Sent) -> int:
    """Tells a retry (same content) from another message under the same id. CRC-32: it need not withstand malice.
    Browsers put the time of sending into the message itself: then only what stays between retries counts."""
    if sent.sent_at is None:
        return zlib.crc32(raw)
    head = f"{sent.type}|{sent.event}|{sent.user_id}|{sent.anonymous_id}|{sent.name}|{sent.timestamp}"
    crc = zlib.crc32(head.encode("utf-8", "replace"))
    return zlib.crc32(msgspec.json.encode((sent.properties, sent.traits)), crc)
