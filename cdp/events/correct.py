"""A trait corrected by hand: said by Tributary itself, and taken in like everyone else's word."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from cdp.accounts.audit import record
from cdp.accounts.models import User
from cdp.events import inbox
from cdp.events.models import InboxBatch
from cdp.events.ourselves import internal_source
from cdp.profiles.models import Identifier, Profile

LONGEST_NAME = 200
IDENTIFYING = ("email", "phone")
"""Their correction adds an identifier; the wrong one stays until a steward splits it off."""


class WrongKind(Exception):
    """The value does not fit."""

    def __init__(self, wanted: str) -> None:
        super().__init__(f"This trait is {wanted}: write it so, or remove the trait first.")


@transaction.atomic
def correct(actor: User, *, profile: Profile, name: str, value: Any, message_id: str, now: datetime) -> None:
    """Puts an identify of our own into the inbox; None takes the trait away. It counts in a moment."""
    _say(profile, name, value, message_id=message_id, now=now)
    record(actor, verb="corrected trait", target=str(profile.uuid), details={"trait": name}, now=now)


@transaction.atomic
def roll_back_trait(actor: User | None, *, profile: Profile, name: str, value: Any, salt: str, now: datetime) -> None:
    """Says again what the trait was. Like every word of our own it sets aside what was said before, and yields to
    what is said after."""
    message_id = f"back-{actor.pk if actor else 0}-{salt}"
    _say(profile, name, value, message_id=message_id, now=now)
    record(actor, verb="rolled back trait", target=str(profile.uuid), details={"trait": name}, now=now)


def _say(profile: Profile, name: str, value: Any, *, message_id: str, now: datetime) -> None:
    identifiers = list(Identifier.objects.naming().filter(profile_id=profile.pk).order_by("first_seen_at", "id"))
    message = {
        "type": "identify",
        "messageId": message_id,
        "timestamp": now.isoformat(),
        "traits": {name: value},
        **address_of(profile, identifiers),
    }
    inbox.put(internal_source().pk, [message], now=now, lane=InboxBatch.Lane.LIVE)


def address_of(profile: Profile, identifiers: Iterable[Identifier]) -> dict[str, Any]:
    """How a message names exactly this person: by user id, else anonymous id, else any other identifier."""
    by = {one.namespace: one.value for one in reversed(list(identifiers))}
    if "user_id" in by:
        return {"userId": by["user_id"]}
    if "anonymous_id" in by:
        return {"anonymousId": by["anonymous_id"]}
    external = [{"type": namespace, "id": value} for namespace, value in sorted(by.items())]
    return {"anonymousId": f"tributary-{profile.uuid}", "context": {"externalIds": external}}


def read_value(text: str, *, like: Any) -> Any:
    """What was typed, in the type the trait has now. Raises WrongKind."""
    if isinstance(like, bool):
        known = {"true": True, "yes": True, "false": False, "no": False}
        if text.strip().lower() not in known:
            raise WrongKind("yes or no")
        return known[text.strip().lower()]
    if isinstance(like, int | float):
        return _number(text)
    if isinstance(like, dict | list):
        try:
            return json.loads(text)
        except ValueError as error:
            raise WrongKind("a structure in JSON") from error
    return text


def _number(text: str) -> int | float:
    try:
        number = float(text.replace(",", "").strip())
    except ValueError as error:
        raise WrongKind("a number") from error
    if number in (float("inf"), float("-inf")) or number != number:
        raise WrongKind("a number")
    return int(number) if number.is_integer() else number
