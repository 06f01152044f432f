"""From messages to sightings: which record each message belongs to, and what it says about it."""

from collections.abc import Iterable
from typing import Any

from cdp.events.message import Message, Rejected
from cdp.events.ourselves import NOTICES
from cdp.profiles.addresses import address
from cdp.profiles.sightings import Edge, Said, Sighting
from identity.blocked import is_blocked
from identity.rules import Form, Rules

Sightings = dict[tuple[int, str], Sighting]

NAMESPACES = {"email": "email", "phone": "phone"}
"""Traits that identify."""
LONGEST_VALUE = 512


def split(messages: Iterable[Message], rules: Rules) -> tuple[list[Message], list[Rejected]]:
    """The messages that name a person, and those that do not."""
    kept, rejected = [], []
    for message in messages:
        message.record_key = record_key(message, rules)
        if message.record_key:
            kept.append(message)
        else:
            rejected.append(_nobody(message))
    return kept, rejected


def gather(messages: Iterable[Message], rules: Rules) -> Sightings:
    """The records these messages speak of, and what they say about them."""
    sightings: Sightings = {}
    for message in messages:
        key, at = (message.source_id, message.record_key), message.occurred_at
        one = sightings.get(key)
        if one is None:
            one = sightings[key] = Sighting(*key, at, at)
        one.see(at)
        one.is_seen = one.is_seen or message.name not in NOTICES
        _link(one, message, rules)
        for name, value in message.traits.items():
            one.say(name, Said(value, at, message.cause))
    return sightings


def record_key(message: Message, rules: Rules) -> str:
    """`user:` its user id, else `anon:` its anonymous id; empty if it names nobody."""
    if message.user_id and not is_nobody("user_id", message.user_id, rules):
        return f"user:{message.user_id}"
    if message.anonymous_id and not is_nobody("anonymous_id", message.anonymous_id, rules):
        return f"anon:{message.anonymous_id}"
    return ""


def is_nobody(namespace: str, value: str, rules: Rules) -> bool:
    return is_blocked(value) or rules.is_blocked(namespace, value)


def _link(one: Sighting, message: Message, rules: Rules) -> None:
    for edge in edges(message, rules):
        one.link(edge, message.occurred_at)


def edges(message: Message, rules: Rules) -> Iterable[Edge]:
    """Every identifier that the message gives of its sender."""
    ids = [("user_id", message.user_id), ("anonymous_id", message.anonymous_id)]
    if message.kind == "alias":
        ids.append(("anonymous_id", message.previous_id))
    for namespace, value in ids:
        if value and not is_nobody(namespace, value, rules):
            yield namespace, value
    yield from _said_edges(message, rules)


def _said_edges(message: Message, rules: Rules) -> Iterable[Edge]:
    if message.traits:
        yield from _from_traits(message.traits, rules)
    if message.context:
        elsewhere = message.context.get("traits")
        if isinstance(elsewhere, dict):
            yield from _from_traits(elsewhere, rules)
        external = message.context.get("externalIds")
        if isinstance(external, list):
            yield from _from_external(external, rules)


def _from_traits(traits: dict[str, Any], rules: Rules) -> Iterable[Edge]:
    for trait, namespace in NAMESPACES.items():
        value = normal(namespace, traits.get(trait), rules)
        if value:
            yield namespace, value


def _from_external(external: list[Any], rules: Rules) -> Iterable[Edge]:
    for one in external:
        if not isinstance(one, dict):
            continue
        namespace, value = one.get("type"), one.get("id")
        if isinstance(namespace, str) and 0 < len(namespace) <= 60:
            found = normal(namespace, value, rules)
            if found:
                yield namespace, found


def normal(namespace: str, value: Any, rules: Rules) -> str:
    """The form in which values are compared; empty if it identifies nobody, whatever the rules.

    A value that only a steward's rule blocks is kept: it joins nobody, until the rule goes.
    """
    if not isinstance(value, str | int) or isinstance(value, bool):
        return ""
    text = _formed(namespace, str(value), rules)
    return text if len(text) <= LONGEST_VALUE and not is_blocked(text) else ""


def _formed(namespace: str, value: str, rules: Rules) -> str:
    """E-mail addresses and phone numbers in the one form that consent and suppression know them by."""
    if namespace in NAMESPACES:
        return address(namespace, value)
    form = rules.of(namespace).form
    if form is Form.LOWER:
        return value.strip().lower()
    if form is Form.DIGITS:
        return "".join(char for char in value.lower() if char.isalnum())
    return address(form.value, value)


def _nobody(message: Message) -> Rejected:
    return message.rejected(
        "identity",
        f"Neither userId {message.user_id!r} nor anonymousId {message.anonymous_id!r} names a person:"
        " send the id your system knows this person by.",
    )
