"""The last check before anything is written: what consent allows, and what the amounts are worth."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from cdp.common.copying import Cursor
from cdp.events.message import Message, Rejected, as_json
from cdp.events.orders import price
from cdp.privacy import policy
from cdp.privacy.enforce import Verdict, enforce
from cdp.privacy.strip import clean, pseudonym, strip_context

When = policy.When


@dataclass(frozen=True, slots=True)
class Permit:
    policy: policy.Policy
    keys: tuple[str, ...]
    """The present secret, then its predecessors."""
    currency: str
    """What money is reported in."""


def load(cursor: Cursor, *, keys: Sequence[str], currency: str) -> Permit:
    return Permit(policy=policy.load(cursor), keys=tuple(keys), currency=currency)


def check(
    cursor: Cursor, messages: Sequence[Message], permit: Permit, *, now: datetime
) -> tuple[list[Message], list[Rejected]]:
    """Those that may go on, stripped where consent says so, their `value` set; and those that may not."""
    if not messages:
        return [], []
    verdicts = enforce(cursor, messages, policy=permit.policy, now=now)
    allowed, rejected = [], []
    for message, verdict in zip(messages, verdicts, strict=True):
        if verdict.action == When.ACCEPT:
            allowed.append(message)
        elif verdict.action == When.STRIP and message.is_event:
            allowed.append(_stripped(message, key=permit.keys[0]))
        else:
            rejected.append(_refused(message, verdict))
    priced = price(cursor, allowed, reporting=permit.currency)
    worth = []
    for message, worth_of in zip(allowed, priced, strict=True):
        if worth_of.refusal:
            rejected.append(message.rejected("money", worth_of.refusal))
        else:
            message.value, message.rate = worth_of.amount, worth_of.rate
            worth.append(message)
    return worth, rejected


def _stripped(message: Message, *, key: str) -> Message:
    """A copy without who it was: a failed batch is tried again with the messages as they came."""
    day = message.occurred_at.date()
    name = pseudonym(message.user_id or message.anonymous_id, day=day, key=key)
    properties = clean(message.properties)
    context = strip_context(msgspec.json.decode(message.context_json))
    return replace(
        message,
        user_id="",
        anonymous_id=name,
        previous_id="",
        record_key=f"anon:{name}",
        traits={},
        properties=properties,
        properties_json=as_json(properties),
        context={},
        context_json=as_json(context),
        raw=msgspec.Raw(_left(message)),
    )


def _refused(message: Message, verdict: Verdict) -> Rejected:
    """Keeps that something was refused and why, not what was said: to keep that was just refused."""
    return replace(message.rejected("consent", verdict.reason), raw=_left(message), meta={})


def _left(message: Message) -> bytes:
    kept = {"type": message.kind, "event": message.name, "timestamp": message.occurred_at.isoformat()}
    return msgspec.json.encode(kept)
