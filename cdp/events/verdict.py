"""Why one event is refused: size, characters, depth or shape, in a sentence that names the place."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from cdp.events.times import BadTime, parse_time

MAX_EVENT_BYTES = 32 * 1024
MAX_DEPTH = 64
MAX_MESSAGE_ID_CHARS = 100
MAX_ID_CHARS = 500
MAX_NAME_CHARS = 200
EARLIEST_YEAR, LATEST_YEAR = 1970, 2100
"""Clocks wrong by decades are corrected by `sentAt`; outside these years no clock was ever meant."""
CALLS = frozenset({"track", "identify", "page", "screen", "group", "alias"})

_NOT_A_NUMBER = re.compile(rb"(?<![\w\"])-?(?:NaN|Infinity)\b")
_TEXTS = (
    ("messageId", MAX_MESSAGE_ID_CHARS),
    ("event", MAX_NAME_CHARS),
    ("name", MAX_NAME_CHARS),
    ("category", MAX_NAME_CHARS),
    ("sentAt", MAX_NAME_CHARS),
)
_LONE_SURROGATE = "a lone surrogate (half a character written as \\ud800 to \\udfff)"


@dataclass(frozen=True, slots=True)
class Refusal:
    index: int
    message_id: str | None
    code: str
    """`shape`, `size`, `characters` or `depth`."""
    reason: str
    place: str


@dataclass(frozen=True, slots=True)
class Fault:
    code: str
    reason: str
    place: str


class Unreadable(ValueError):
    """The event is no JSON by itself. `is_data`: by its values (NaN, half a character), not its grammar."""

    def __init__(self, message: str, fault: Fault | None = None) -> None:
        super().__init__(message)
        self.fault = fault

    @property
    def is_data(self) -> bool:
        return self.fault is not None

    def refusal(self, index: int) -> Refusal:
        fault = self.fault or Fault("shape", str(self), "")
        return Refusal(index, None, fault.code, fault.reason, fault.place)


def verdict(raw: bytes, *, index: int, call: str | None) -> Refusal | None:
    """None if the event is taken. `call` is the type the path gave, for events that name none."""
    if len(raw) > MAX_EVENT_BYTES:
        reason = f"The event has {len(raw)} bytes; an event may have {MAX_EVENT_BYTES} (32 KB)."
        return Refusal(index, None, "size", reason, "")
    event = _read(raw)
    message_id = event.get("messageId") if isinstance(event, dict) else None
    fault = next(_faults(event, call), None)
    if fault is None:
        return None
    told = message_id if isinstance(message_id, str) else None
    return Refusal(index, told, fault.code, fault.reason, fault.place)


def _read(raw: bytes) -> object:
    try:
        return msgspec.json.decode(raw)
    except UnicodeDecodeError as error:
        raise Unreadable(str(error), Fault("characters", "The event is not UTF-8.", "")) from error
    except RecursionError as error:
        raise Unreadable("too deep", _too_deep("")) from error
    except msgspec.ValidationError as error:
        reason = "A number is too large to be kept; send it as a string or smaller than 1e308."
        raise Unreadable(str(error), Fault("shape", reason, "")) from error
    except msgspec.DecodeError as error:
        raise Unreadable(str(error), _unreadable_value(raw)) from error


def _unreadable_value(raw: bytes) -> Fault | None:
    """The value that JSON cannot carry, if the grammar is right without it."""
    if _reads(_NOT_A_NUMBER.sub(b"0", raw)):
        return Fault("shape", "NaN and Infinity are not JSON numbers; send null or leave the field out.", "")
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return Fault("characters", "The event is not UTF-8.", "")
    if _reads(re.sub(rb"\\u[dD][89a-fA-F][0-9a-fA-F]{2}", b"?", raw)):
        return Fault("characters", f"The event holds {_LONE_SURROGATE}; leave it out.", "")
    return None


def _reads(raw: bytes) -> bool:
    try:
        msgspec.json.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
    return True


def _faults(event: object, call: str | None) -> Iterator[Fault]:
    if not isinstance(event, dict):
        yield Fault("shape", "Each event must be a JSON object.", "")
        return
    yield from _content_faults(event)
    yield from _field_faults(event)
    yield from _time_faults(event)
    yield from _call_faults(event, event.get("type") or call)


def _content_faults(event: dict[str, object]) -> Iterator[Fault]:
    """NUL characters and too many levels, wherever they are; iterative, for the depth is not ours."""
    waiting: list[tuple[str, object, int]] = [("", event, 1)]
    while waiting:
        place, value, depth = waiting.pop()
        if isinstance(value, str):
            if "\0" in value:
                yield _nul(place)
        elif isinstance(value, dict | list):
            if depth > MAX_DEPTH:
                yield _too_deep(re.split(r"[.\[]", place, maxsplit=1)[0])
                return
            for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
                if isinstance(key, str) and "\0" in key:
                    yield _nul(place)
                waiting.append((_join(place, key), inner, depth + 1))


def _nul(place: str) -> Fault:
    return Fault("characters", f"{_at(place)} holds a NUL character (\\u0000); leave it out.", place)


def _too_deep(place: str) -> Fault:
    return Fault("depth", f"{_at(place)} is nested deeper than {MAX_DEPTH} levels; flatten it.", place)


def _at(place: str) -> str:
    return place or "The event"


def _join(place: str, key: str | int) -> str:
    step = f"[{key}]" if isinstance(key, int) else key[:60].replace("\0", "\ufffd")
    whole = f"{place}.{step}" if place and isinstance(key, str) else place + step
    return whole if len(whole) <= 200 else whole[:199] + "…"


def _field_faults(event: dict[str, object]) -> Iterator[Fault]:
    for field in ("context", "properties", "traits", "integrations"):
        value = event.get(field)
        if value is not None and not isinstance(value, dict):
            yield Fault("shape", f"{field} must be a JSON object.", field)
    for field in ("userId", "anonymousId", "groupId", "previousId"):
        value = event.get(field)
        if value is not None and (isinstance(value, bool) or not isinstance(value, str | int | float)):
            yield Fault("shape", f"{field} must be a string or a number.", field)
        elif isinstance(value, str) and len(value) > MAX_ID_CHARS:
            yield Fault("size", f"{field} has {len(value)} characters; at most {MAX_ID_CHARS} are kept.", field)
    yield from _text_faults(event)


def _text_faults(event: dict[str, object]) -> Iterator[Fault]:
    for field, longest in _TEXTS:
        value = event.get(field)
        if value is not None and not isinstance(value, str):
            yield Fault("shape", f"{field} must be a string.", field)
        elif value is not None and len(value) > longest:
            reason = f"{field} has {len(value)} characters; at most {longest} are allowed."
            yield Fault("size", reason, field)


def _time_faults(event: dict[str, object]) -> Iterator[Fault]:
    for field in ("timestamp", "originalTimestamp"):
        if not _is_time(event.get(field)):
            reason = f"{field} must be ISO 8601 such as 2026-05-01T10:30:00.000Z, from 1970 to 2100."
            yield Fault("shape", reason, field)


def _is_time(value: object) -> bool:
    """Absent counts as well: the time of arrival is taken then."""
    if value is None or value == "":
        return True
    try:
        return isinstance(value, str) and EARLIEST_YEAR <= parse_time(value).year <= LATEST_YEAR
    except BadTime:
        return False


def _call_faults(event: dict[str, object], call: object) -> Iterator[Fault]:
    if not isinstance(call, str) or call not in CALLS:
        yield Fault("shape", "type must be track, identify, page, screen, group or alias.", "type")
        return
    user, anonymous = _is_given(event.get("userId")), _is_given(event.get("anonymousId"))
    if not (user or anonymous):
        yield Fault("shape", f"{call} needs a userId or an anonymousId.", "userId")
    if call == "track" and not str(event.get("event") or "").strip():
        yield Fault("shape", "track needs the name of what happened in event.", "event")
    if call == "group" and not _is_given(event.get("groupId")):
        yield Fault("shape", "group needs a groupId.", "groupId")
    if call == "alias":
        if not user:
            yield Fault("shape", "alias needs the new id in userId.", "userId")
        if not (_is_given(event.get("previousId")) or anonymous):
            yield Fault("shape", "alias needs the old id in previousId.", "previousId")


def _is_given(value: object) -> bool:
    return value is not None and str(value).strip() != ""
