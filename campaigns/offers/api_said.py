"""Offers as the API says and reads them."""

from collections.abc import Sequence
from typing import Any

from rest_framework import serializers

from campaigns.models import Offer, OfferCode, OfferRedemption
from campaigns.offers.figures import figures_of
from cdp.common.api_fields import Link, Strict, Text
from cdp.common.api_schema import TEXT, TIME, obj
from cdp.profiles.models import Profile

COUNT: dict[str, Any] = {"type": "integer"}
MAYBE_COUNT: dict[str, Any] = {"type": ["integer", "null"]}
MONEY: dict[str, Any] = {"type": "number"}
MAYBE_MONEY: dict[str, Any] = {"type": ["number", "null"]}
MAYBE_TIME: dict[str, Any] = {"type": ["string", "null"], "format": "date-time"}
MAYBE_RULE: dict[str, Any] = {"type": ["object", "null"], "additionalProperties": {}}
WRITABLE: dict[str, Any] = {
    "name": {"type": "string", "maxLength": 120},
    "kind": {"type": "string", "enum": list(Offer.Kind.values)},
    "value": MAYBE_MONEY | {"description": "Per cent, or an amount in `currency`."},
    "currency": {"type": "string", "maxLength": 3},
    "terms": {"type": "string", "maxLength": 5000},
    "url": {"type": "string", "maxLength": 500},
    "rule": MAYBE_RULE | {"description": "Who may have it, as `GET /api/segments/rule-schema`; null: everybody."},
    "starts_at": MAYBE_TIME,
    "ends_at": MAYBE_TIME,
    "days_valid": MAYBE_COUNT | {"description": "How long a code of one's own is good for, from being given."},
    "codes": {"type": "string", "enum": list(Offer.Codes.values)},
    "shared_code": {"type": "string", "maxLength": 60},
    "code_prefix": {"type": "string", "maxLength": 20},
    "code_length": COUNT,
    "most_given": MAYBE_COUNT,
    "most_per_person": MAYBE_COUNT,
    "most_spent": MAYBE_MONEY | {"description": "In the reporting currency, as orders tell what was taken off."},
}
KEY_SCHEMA: dict[str, Any] = {"type": "string", "maxLength": 60, "pattern": "^[a-z0-9][a-z0-9_-]*$"}
TO_CHANGE = {"type": "object", "properties": WRITABLE, "additionalProperties": False}
TO_MAKE = {
    "type": "object",
    "properties": {"key": KEY_SCHEMA, **WRITABLE},
    "required": ["key", "name", "kind", "codes"],
    "additionalProperties": False,
}
OFFER = obj(
    id=COUNT,
    key=KEY_SCHEMA,
    **WRITABLE,
    given=COUNT,
    created_at=TIME,
    changed_at=TIME,
    archived_at=MAYBE_TIME,
)
FIGURES = obj(
    left=MAYBE_COUNT | {"description": "Codes of its list not given yet; null: it has none."},
    used=COUNT,
    used_of_given=COUNT,
    passed_on=COUNT,
    orders=COUNT,
    revenue=MONEY,
    spent=MONEY,
    unsaid=COUNT | {"description": "Uses of which the order does not say what was taken off."},
    taken_back=COUNT,
)
READ = obj(**OFFER["properties"], figures=FIGURES)
COUNTS = obj(added=COUNT, twice=COUNT, here=COUNT, elsewhere=COUNT, invalid=COUNT)
GIVEN = obj(
    code=TEXT,
    profile={"type": ["string", "null"], "format": "uuid"},
    delivery={"type": "string", "format": "uuid"},
    given_at=TIME,
    ends_at=MAYBE_TIME,
)
REDEMPTION = obj(
    order_id=TEXT,
    profile={"type": ["string", "null"], "format": "uuid", "description": "Who ordered."},
    given_to={"type": ["string", "null"], "format": "uuid", "description": "Whom the code was given to, if known."},
    at=TIME,
    value=MONEY,
    discount=MAYBE_MONEY,
    is_taken_back={"type": "boolean"},
)


class Whole(serializers.IntegerField):
    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            raise serializers.ValidationError("This must be a whole number.")
        return int(super().to_internal_value(data))


def _whole(most: int) -> Whole:
    return Whole(min_value=1, max_value=most, required=False, allow_null=True)


def _money(digits: int) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=digits, decimal_places=2, required=False, allow_null=True)


class OfferBody(Strict):
    key = Text(max_length=60)
    name = Text(max_length=120)
    kind = serializers.ChoiceField(Offer.Kind.choices)
    value = _money(12)
    currency = Text(max_length=3, required=False, allow_blank=True)
    terms = Text(max_length=5000, required=False, allow_blank=True)
    url = Link(max_length=500, required=False, allow_blank=True)
    rule = serializers.JSONField(required=False, allow_null=True)
    starts_at = serializers.DateTimeField(required=False, allow_null=True)
    ends_at = serializers.DateTimeField(required=False, allow_null=True)
    days_valid = _whole(3650)
    codes = serializers.ChoiceField(Offer.Codes.choices)
    shared_code = Text(max_length=60, required=False, allow_blank=True)
    code_prefix = Text(max_length=20, required=False, allow_blank=True)
    code_length = Whole(required=False)
    most_given = _whole(2**31 - 1)
    most_per_person = _whole(1000)
    most_spent = _money(14)


def said(offer: Offer, *, whole: bool = False) -> dict[str, Any]:
    told: dict[str, Any] = {"id": offer.pk, "key": offer.key, "given": offer.n_given}
    told |= {name: getattr(offer, name) for name in (*WRITABLE, "created_at", "changed_at", "archived_at")}
    if whole:
        figures = figures_of(offer)
        told["figures"] = {name: getattr(figures, name) for name in FIGURES["properties"]}
    return told


def said_given(rows: Sequence[OfferCode]) -> list[dict[str, Any]]:
    uuids = dict(Profile.objects.filter(pk__in={row.profile_id or 0 for row in rows}).values_list("pk", "uuid"))
    same = ("code", "delivery", "given_at", "ends_at")
    return [{name: getattr(row, name) for name in same} | {"profile": uuids.get(row.profile_id or 0)} for row in rows]


def said_redemptions(rows: Sequence[OfferRedemption]) -> list[dict[str, Any]]:
    """Without the codes: whoever may read results may not spend them."""
    owners = {row.pk: row.profile_id or 0 for row in OfferCode.objects.filter(pk__in=[one.given_id for one in rows])}
    people = {row.profile_id for row in rows} | set(owners.values())
    uuids = dict(Profile.objects.filter(pk__in=people).values_list("pk", "uuid"))
    same = ("order_id", "at", "value", "discount", "is_taken_back")
    return [
        {name: getattr(row, name) for name in same}
        | {"profile": uuids.get(row.profile_id), "given_to": uuids.get(owners.get(row.given_id or 0) or 0)}
        for row in rows
    ]
