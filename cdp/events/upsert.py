"""People told in bulk: each becomes an identify message in the inbox, or a refusal that names the place."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from cdp.accounts.models import Source
from cdp.events import inbox
from cdp.events.models import InboxBatch
from cdp.events.times import BadTime, parse_time

MOST = 1_000
MOST_TRAITS = 500
LONGEST = 512
LARGEST = 32_000
DEEPEST = 12
KEYS = ("user_id", "anonymous_id", "identifiers", "traits", "at")
LARGEST_NUMBER = 2**63


class Refused(Exception):
    """This person is not taken in."""

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(problem)
        self.place, self.problem = place, problem


@dataclass(frozen=True)
class Verdict:
    """What became of one person of the request."""

    index: int
    is_accepted: bool
    message_id: str = ""
    place: str = ""
    problem: str = ""


def upsert(source: Source, people: Sequence[Any], *, key: str, salt: str, now: datetime) -> list[Verdict]:
    """Puts the valid ones into the inbox, all or none durable on return.

    With a `key` (the caller's, already tied to its token) or a time of its own, a person told twice counts once.
    Without, the repetition says the same again. `salt` makes the ids of those unique.
    """
    verdicts, messages = [], []
    for index, person in enumerate(people):
        try:
            message = read_person(person, f"people[{index}]")
        except Refused as refused:
            verdicts.append(Verdict(index, False, place=refused.place, problem=refused.problem))
            continue
        message["messageId"] = _message_id(source, message, key=f"{key}:{index}" if key else "", salt=f"{salt}:{index}")
        messages.append(message)
        verdicts.append(Verdict(index, True, message_id=message["messageId"]))
    if messages:
        inbox.put(source.pk, messages, now=now, lane=InboxBatch.Lane.LIVE)
    return verdicts


def _message_id(source: Source, message: dict[str, Any], *, key: str, salt: str) -> str:
    content = json.dumps(message, sort_keys=True) if "timestamp" in message else salt
    told = f"{source.pk}:{key or content}"
    return f"api-{hashlib.sha256(told.encode()).hexdigest()[:40]}"


def read_person(person: Any, place: str) -> dict[str, Any]:
    """The identify message, without its id. Raises Refused."""
    if not isinstance(person, dict):
        raise Refused(place, "A person is an object.")
    for name in person:
        if name not in KEYS:
            raise Refused(place, f"There is no field {name[:60]!r}. There are: {', '.join(KEYS)}.")
    for path, value in walk(person, place):
        check(value, path)
    message = {"type": "identify", "traits": _traits(person.get("traits", {}), f"{place}.traits")}
    message |= _who(person, place)
    if person.get("at") is not None:
        message["timestamp"] = _time(person["at"], f"{place}.at")
    if len(msgspec.json.encode(message)) > LARGEST:
        raise Refused(place, f"A person takes at most {LARGEST:,} bytes.")
    return message


def walk(value: Any, path: str, depth: int = 0) -> Iterator[tuple[str, Any]]:
    if depth > DEEPEST:
        raise Refused(path, f"It is nested deeper than {DEEPEST} levels.")
    yield path, value
    if isinstance(value, dict):
        for key, inner in value.items():
            yield path, key
            yield from walk(inner, f"{path}.{key[:60]}", depth + 1)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from walk(inner, f"{path}[{index}]", depth + 1)


def check(value: Any, path: str) -> None:
    """What PostgreSQL and other programs cannot hold."""
    if isinstance(value, str):
        if "\x00" in value or any("\ud800" <= char <= "\udfff" for char in value):
            raise Refused(_visible(path), "It holds a character that cannot be stored (NUL or half of a pair).")
    elif isinstance(value, int | float) and not -LARGEST_NUMBER < value < LARGEST_NUMBER:
        raise Refused(path, "The number is too large.")


def _visible(text: str) -> str:
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


def _traits(traits: Any, place: str) -> dict[str, Any]:
    if not isinstance(traits, dict):
        raise Refused(place, "Traits are an object: name and value.")
    if len(traits) > MOST_TRAITS:
        raise Refused(place, f"At most {MOST_TRAITS} traits.")
    for name in traits:
        if not 0 < len(name) <= 200:
            raise Refused(place, "The name of a trait has 1 to 200 characters.")
    return traits


def _who(person: dict[str, Any], place: str) -> dict[str, Any]:
    found = {}
    for field, sent_as in (("user_id", "userId"), ("anonymous_id", "anonymousId")):
        if person.get(field) is not None:
            found[sent_as] = _id(person[field], f"{place}.{field}")
    external = _external(person.get("identifiers", {}), f"{place}.identifiers")
    if not found and not external:
        raise Refused(place, "Say who it is: user_id, anonymous_id or identifiers.")
    if not found:
        first = f"{external[0]['type']}:{external[0]['id']}"
        found["anonymousId"] = f"api-{hashlib.sha256(first.encode()).hexdigest()[:24]}"
    return found | ({"context": {"externalIds": external}} if external else {})


def _external(identifiers: Any, place: str) -> list[dict[str, str]]:
    if not isinstance(identifiers, dict):
        raise Refused(place, 'Identifiers are an object, such as {"email": "ada@example.com"}.')
    found = []
    for namespace, value in sorted(identifiers.items()):
        if not 0 < len(namespace) <= 60:
            raise Refused(place, "A namespace has 1 to 60 characters.")
        found.append({"type": namespace, "id": _id(value, f"{place}.{namespace}")})
    return found


def _id(value: Any, place: str) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int) or not 0 < len(str(value).strip()) <= LONGEST:
        raise Refused(place, f"An id is text of 1 to {LONGEST} characters, or a whole number.")
    return str(value).strip()


def _time(value: Any, place: str) -> str:
    try:
        return parse_time(value if isinstance(value, str) else "").isoformat()
    except BadTime as error:
        raise Refused(place, f"It is {error}.") from error
