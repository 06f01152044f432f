"""What a batch may do: per message accept, strip or refuse, by what its sender said, stored and signalled.

Denials come from three places: the message itself (Segment's `context.consent.categoryPreferences`, RudderStack's
`context.consentManagement`), Global Privacy Control in the request, and what the sender's addresses said before.
The signal counts whatever else is said; the message's own word counts over an older one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from cdp.common.copying import Cursor
from cdp.profiles.addresses import address

from .consent import Address, Word, denied, record_consents
from .opt_in import ask_to_confirm
from .policy import Policy, When, key_of

SEVERITY = (When.ACCEPT, When.STRIP, When.REFUSE)


class Arrival(Protocol):
    """What enforcement looks at in a message."""

    source_id: int
    user_id: str
    anonymous_id: str
    occurred_at: datetime
    traits: dict[str, Any]
    context: dict[str, Any]

    @property
    def meta(self) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Verdict:
    action: str = When.ACCEPT
    reason: str = ""


ACCEPT = Verdict()


@dataclass(frozen=True, slots=True)
class Said:
    """The message's own word, purposes and topics in their keys."""

    purposes: Mapping[str, bool]
    topics: Mapping[str, bool]


NOTHING = Said({}, {})


def enforce(cursor: Cursor, messages: Sequence[Arrival], *, policy: Policy, now: datetime) -> list[Verdict]:
    """A verdict for each message. Records what was said, also by messages that are refused."""
    said = [_said(message.context) if message.context else NOTHING for message in messages]
    senders = [addresses_of(message) for message in messages] if _asks_who(policy, said, messages) else []
    if senders:
        words = [w for m, s, a in zip(messages, said, senders, strict=True) for w in _words(m, s, a, policy=policy)]
        unconfirmed = [word for word in words if word.is_granted and word.topic in policy.to_confirm]
        record_consents(cursor, [word for word in words if word not in unconfirmed], now=now)
        ask_to_confirm(cursor, unconfirmed, now=now)
    everyone = sorted({one for sender in senders for one in sender})
    stored = denied(cursor, everyone, policy.enforced) if policy.enforced and everyone else {}
    verdicts = []
    for index, message in enumerate(messages):
        sender = senders[index] if senders else ()
        before = {key_of(purpose) for one in sender for purpose in stored.get(one, ())}
        verdicts.append(decide(policy, said[index], gpc=is_gpc(message), before=before))
    return verdicts


def decide(policy: Policy, said: Said, *, gpc: bool, before: Iterable[str]) -> Verdict:
    """The strictest of what the denied purposes ask for."""
    reasons = {key: "their earlier choice" for key in before if key not in said.purposes}
    reasons |= {key: "the event's consent" for key, is_granted in said.purposes.items() if not is_granted}
    if gpc:
        reasons |= dict.fromkeys(policy.gpc_denies, "Global Privacy Control")
    found = [(SEVERITY.index(When(policy.when_denied[key])), key) for key in reasons if key in policy.when_denied]
    if not found:
        return ACCEPT
    severity, key = max(found)
    action = SEVERITY[severity]
    if action == When.ACCEPT:
        return ACCEPT
    return Verdict(action, f"The purpose “{policy.names[key]}” is denied by {reasons[key]}.")


def addresses_of(message: Arrival) -> tuple[Address, ...]:
    """Every identifier that the message gives of its sender, in the form in which they are compared."""
    elsewhere = message.context.get("traits")
    found = [("user_id", message.user_id), ("anonymous_id", message.anonymous_id)]
    for traits in (message.traits, elsewhere if isinstance(elsewhere, Mapping) else {}):
        found += [(space, str(traits[space])) for space in ("email", "phone") if traits.get(space)]
    return tuple({(space, form) for space, value in found if (form := address(space, value))})


def is_gpc(message: Arrival) -> bool:
    return message.meta.get("gpc") in (True, "1", 1)


def _asks_who(policy: Policy, said: Sequence[Said], messages: Sequence[Arrival]) -> bool:
    """Whether anything depends on who sent the messages; most batches of most shops say nothing."""
    if policy.enforced:
        return True
    return any(one is not NOTHING for one in said) or any(is_gpc(one) for one in messages)


def _said(context: Mapping[str, Any]) -> Said:
    consent, managed = context.get("consent"), context.get("consentManagement")
    if not isinstance(consent, Mapping) and not isinstance(managed, Mapping):
        return NOTHING
    purposes: dict[str, bool] = {}
    if isinstance(managed, Mapping):
        purposes |= {key_of(one): True for one in _ids(managed.get("allowedConsentIds"))}
        purposes |= {key_of(one): False for one in _ids(managed.get("deniedConsentIds"))}
    topics: dict[str, bool] = {}
    if isinstance(consent, Mapping):
        purposes |= _answers(consent.get("categoryPreferences"))
        topics = _answers(consent.get("topicPreferences"))
    return Said(purposes, topics) if purposes or topics else NOTHING


def _ids(listed: Any) -> list[str]:
    """RudderStack lists ids; with OneTrust, allowed ones come as an object of id → name."""
    return [one for one in listed if isinstance(one, str)] if isinstance(listed, list | Mapping) else []


def _answers(preferences: Any) -> dict[str, bool]:
    if not isinstance(preferences, Mapping):
        return {}
    return {key_of(key): answer for key, answer in preferences.items() if isinstance(answer, bool)}


def _words(message: Arrival, said: Said, sender: Sequence[Address], *, policy: Policy) -> Iterable[Word]:
    answers = [
        (policy.names[key], "", is_granted, "tracking")
        for key, is_granted in said.purposes.items()
        if key in policy.names
    ]
    answers += [
        (policy.topics[key][1], policy.topics[key][0], is_granted, "tracking")
        for key, is_granted in said.topics.items()
        if key in policy.topics
    ]
    if is_gpc(message):
        answers = [one for one in answers if key_of(one[0]) not in policy.gpc_denies or one[1]]
        answers += [(policy.names[key], "", False, "gpc") for key in policy.gpc_denies]
    for purpose, topic, is_granted, how in answers:
        for space, value in sender:
            yield Word(space, value, purpose, topic, is_granted, message.occurred_at, message.source_id, how)
