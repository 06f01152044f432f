"""What to call a person."""

from collections.abc import Iterable, Mapping
from typing import Any

from cdp.profiles.models import Identifier

FULL = ("name", "full_name", "fullName")
FIRST, LAST = ("first_name", "firstName", "firstname"), ("last_name", "lastName", "lastname")
RANK = {"email": 0, "phone": 1, "user_id": 2}
LONGEST = 80


def best_name(traits: Mapping[str, Any], identifiers: Iterable[Identifier] = ()) -> str:
    """A full name, else first and last, else the clearest identifier; a visitor who gave none of it is
    called by the end of the anonymous id."""
    whole = _text(traits, FULL) or " ".join(filter(None, (_text(traits, FIRST), _text(traits, LAST))))
    if whole:
        return whole[:LONGEST]
    email = _text(traits, ("email",))
    if email:
        return email[:LONGEST]
    ranked = sorted(identifiers, key=lambda one: (RANK.get(one.namespace, 3), one.namespace, one.value))
    if ranked and ranked[0].namespace in RANK:
        return ranked[0].value[:LONGEST]
    return f"Visitor {ranked[0].value[-6:]}" if ranked else "Unnamed person"


def _text(traits: Mapping[str, Any], keys: Iterable[str]) -> str:
    found = (traits.get(key) for key in keys)
    return next((text for value in found if isinstance(value, str | int) and (text := str(value).strip())), "")
