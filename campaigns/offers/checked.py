"""What is wrong with what one says of an offer, by field; the same for the browser and the API."""

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from campaigns.models import Offer
from campaigns.offers.add_codes import elsewhere, is_code
from campaigns.offers.codes import LEAST_LENGTH, MOST_LENGTH
from campaigns.offers.set_up import Draft
from cdp.events.money import ISO_4217

Kind, Codes = Offer.Kind, Offer.Codes
OWN = (Codes.GENERATED, Codes.UPLOADED)
PREFIX = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,19}", re.ASCII)
KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}", re.ASCII)
RESERVED = {"best"}
"""Content says it for the offer that suits each person best."""


def tidy(draft: Draft) -> Draft:
    """Without what another kind of offer or of codes asks for."""
    has_money = draft.value is not None and draft.kind != Kind.PERCENT
    return replace(
        draft,
        currency=draft.currency.upper() if has_money else "",
        shared_code=draft.shared_code.strip() if draft.codes == Codes.SHARED else "",
        code_prefix=draft.code_prefix.strip().upper() if draft.codes == Codes.GENERATED else "",
        code_length=draft.code_length if draft.codes == Codes.GENERATED else Draft.code_length,
        days_valid=draft.days_valid if draft.codes in OWN else None,
    )


def problems_of(draft: Draft, *, but: Offer | None) -> dict[str, str]:
    """Field → a sentence. `but`: the offer that is being changed."""
    return dict([*_worth(draft), *_time(draft), *_codes(draft, but)])


def key_problem(key: str) -> str:
    if not KEY.fullmatch(key):
        return "Small letters, digits, - and _ only, 60 at most; a letter or digit first."
    if key in RESERVED:
        return f"“{key}” means the offer that suits each person best. Take another."
    return "Another offer has this key." if Offer.objects.filter(key=key).exists() else ""


def _worth(draft: Draft) -> Iterator[tuple[str, str]]:
    value = draft.value
    if value is None:
        if draft.kind in (Kind.PERCENT, Kind.AMOUNT):
            yield "value", "Say how much is taken off."
        return
    if value <= 0:
        yield "value", "More than 0."
    elif draft.kind == Kind.PERCENT and value > Decimal(100):
        yield "value", "At most 100 per cent."
    if draft.kind != Kind.PERCENT and draft.currency.upper() not in ISO_4217:
        yield "currency", "The code of a currency, such as EUR."


def _time(draft: Draft) -> Iterator[tuple[str, str]]:
    if draft.starts_at and draft.ends_at and draft.ends_at <= draft.starts_at:
        yield "ends_at", "It must end after it begins."
    for name in ("days_valid", "most_given", "most_per_person", "most_spent"):
        if (number := getattr(draft, name)) is not None and number <= 0:
            yield name, "More than 0, or leave it empty."


def _codes(draft: Draft, but: Offer | None) -> Iterator[tuple[str, str]]:
    if draft.codes == Codes.SHARED:
        if not is_code(draft.shared_code):
            yield "shared_code", "Latin letters, digits and . _ + % # : / ! * - after the first, 60 at most."
        elif name := elsewhere(draft.shared_code, but=but):
            yield "shared_code", f"This code belongs to the offer “{name}”."
    if draft.codes == Codes.GENERATED:
        if draft.code_prefix and not PREFIX.fullmatch(draft.code_prefix):
            yield "code_prefix", "Latin letters, digits, - and _ only, 20 at most; a letter or digit first."
        if not LEAST_LENGTH <= draft.code_length <= MOST_LENGTH:
            yield "code_length", f"From {LEAST_LENGTH} to {MOST_LENGTH}: shorter ones can be guessed."
