"""The API of a person's history: what changed and why, and a trait rolled back to what it was."""

import secrets
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from cdp.common.api import StrictView, keyset_page
from cdp.common.api_fields import Text, YesNo
from cdp.common.api_schema import LIMIT, TEXT, TIME, errors, obj, paged
from cdp.events.api.people import WHO, person_or_404
from cdp.events.correct import LONGEST_NAME, roll_back_trait
from cdp.profiles.history import as_of
from cdp.profiles.models import ProfileChange

CHANGE = obj(trait=TEXT, old={}, new={}, at=TIME, cause=TEXT)
BACK = {
    "type": "object",
    "properties": {
        "trait": TEXT | {"minLength": 1, "maxLength": LONGEST_NAME},
        "at": TIME | {"description": "The trait becomes what it was then."},
        "dry_run": {"type": "boolean"},
    },
    "required": ["trait", "at"],
    "additionalProperties": False,
}
WENT_BACK = obj(trait=TEXT, old={}, new={}, dry_run={"type": "boolean"})


class BackSerializer(serializers.Serializer[Any]):
    trait = Text(max_length=LONGEST_NAME, trim_whitespace=False)
    at = serializers.DateTimeField()
    dry_run = YesNo(required=False)

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and (unknown := sorted(set(map(str, data)) - set(self.fields))):
            raise serializers.ValidationError(dict.fromkeys(unknown, "There is no such field."))
        return super().to_internal_value(data)


class PersonChanges(StrictView):
    scope = "profiles:read"
    parameters = frozenset({"trait", "limit", "after"})

    @extend_schema(
        operation_id="profiles_changes",
        summary="What changed about a person and because of what, newest first",
        tags=["profiles"],
        parameters=[
            WHO,
            OpenApiParameter("trait", str, description="Changes of this trait alone."),
            OpenApiParameter("limit", LIMIT),
            OpenApiParameter("after", str, description="Where the page begins: follow `next`."),
        ],
        responses={200: paged(CHANGE), **errors(404)},
    )
    def get(self, request: Request, who: str) -> Response:
        rows = ProfileChange.objects.filter(profile_id=person_or_404(who).pk)
        trait = request.query_params.get("trait", "")
        if "\x00" in trait:
            raise ValidationError({"trait": "It holds a NUL character."})
        return keyset_page(rows.filter(what=trait) if trait else rows, request, order=("-at", "-id"), said=said)


def said(change: ProfileChange) -> dict[str, Any]:
    return {
        "trait": change.what, "old": change.old, "new": change.new, "at": change.at, "cause": change.cause,
    }  # fmt: skip


class RollBackTrait(StrictView):
    scope = "profiles:write"

    @extend_schema(
        operation_id="profiles_rollback",
        summary="Make a trait what it was at a time, or see what that would be",
        description=(
            "Tributary says the old value anew: it takes effect within seconds, and yields to what a source says after."
        ),
        tags=["profiles"],
        parameters=[WHO],
        request={"application/json": BACK},
        responses={200: WENT_BACK, 202: WENT_BACK, **errors(404, 413, 415)},
    )
    def post(self, request: Request, who: str) -> Response:
        body = BackSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        given = body.validated_data
        profile, name = person_or_404(who), given["trait"]
        then = next((trait.value for trait in as_of(profile, given["at"]).traits if trait.name == name), None)
        is_dry = given.get("dry_run", False)
        answer = {"trait": name, "old": profile.traits.get(name), "new": then, "dry_run": is_dry}
        if is_dry or answer["old"] == then:
            return Response(answer)
        salt = secrets.token_hex(12)
        roll_back_trait(None, profile=profile, name=name, value=then, salt=salt, now=timezone.now())
        return Response(answer, status=202)
