"""The last check before anything is written: what consent allows, and what the amounts are worth."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from cdp.common.copying import Cursor
from cdp.events.message import Message, Rejected
from cdp.events.orders import price
from cdp.privacy import policy
from cdp.privacy.enforce import Verdict, enforce

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


def check(cursor: Cursor, messages: Sequence[Message], permit: Permit) -> tuple[list[Message], list[Rejected]]:
    """Those that may go on, stripped where consent says so, their `value` set; and those that may not."""
    if not messages:
        return [], []
    verdicts = enforce(cursor, messages, policy=permit.policy, keys=permit.keys)
    allowed, rejected = [], []
    for message, verdict in zip(messages, verdicts, strict=True):
        if verdict.action == When.REFUSE or (verdict.action == When.STRIP and not message.is_event):
            rejected.append(_refused(message, verdict))
        else:
            allowed.append(message)
    priced = price(cursor, allowed, reporting=permit.currency)
    worth = []
    for message, worth_of in zip(allowed, priced, strict=True):
        if worth_of.refusal:
            rejected.append(_unpriced(message, worth_of.refusal))
        else:
            message.value, message.rate = worth_of.amount, worth_of.rate
            worth.append(message)
    return worth, rejected


def _refused(message: Message, verdict: Verdict) -> Rejected:
    """Keeps that something was refused and why, not what was said: to keep that was just refused."""
    kept = {"type": message.kind, "event": message.name, "timestamp": message.occurred_at.isoformat()}
    raw = msgspec.json.encode(kept)
    return Rejected(
        message.source_id, raw, message.call, "consent", verdict.reason, message.received_at, name=message.name
    )


def _unpriced(message: Message, reason: str) -> Rejected:
    return Rejected(
        message.source_id,
        message.raw,
        message.call,
        "money",
        reason,
        message.received_at,
        name=message.name,
        meta=message.meta,
    )
