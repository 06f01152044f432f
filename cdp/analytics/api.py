"""The API of computed traits: what they are, and what they are of a person."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from cdp.analytics import save, tasks
from cdp.analytics.definition import definition_schema, parse_definition
from cdp.analytics.load import known_traits
from cdp.analytics.models import ComputedTrait
from cdp.analytics.shown import of_person
from cdp.common.api import Conflict, StrictView, keyset_page
from cdp.common.api_fields import Strict, Text, YesNo
from cdp.common.api_schema import LIMIT, TEXT, TIME, errors, listed, obj, paged
from cdp.common.bell import ring
from cdp.common.clock import utc_now
from cdp.events.api.people import WHO, person_or_404
from cdp.rules.fields import RuleError

COUNT = {"type": "integer"}
BOOL = {"type": "boolean"}
WHEN = {"type": ["string", "null"], "format": "date-time"}
ANY_OBJECT: dict[str, Any] = {"type": "object", "additionalProperties": {}}
TYPE = {"type": "string", "enum": list(ComputedTrait.Type.values)}
TRAIT = obj(
    key=TEXT,
    name=TEXT,
    description=TEXT,
    definition=ANY_OBJECT | {"description": "See `/api/computed-traits/schema`."},
    english=TEXT | {"description": "The definition in words; empty if it cannot be read any more."},
    type=TYPE | {"description": "What values are: `duration` is a number of days that grows with time."},
    is_builtin=BOOL,
    is_on=BOOL,
    is_zero_without=BOOL | {"description": "Whether people without a value have 0; else it is unknown of them."},
    people=COUNT | {"description": "How many had a value when it was last counted."},
    as_of=WHEN | {"description": "The moment the values are right for; null until everybody was computed."},
    is_stale=BOOL | {"description": "Whether it waits for being computed for everybody."},
    error=TEXT,
    created_at=TIME,
    changed_at=TIME,
)
VALUE = obj(key=TEXT, name=TEXT, type=TYPE, value={"description": "As of now; null where it is unknown."})
PARTS = {
    "name": TEXT | {"minLength": 1, "maxLength": 120},
    "description": TEXT | {"maxLength": 1000},
    "definition": ANY_OBJECT,
}
NEW = {
    "type": "object",
    "properties": {"key": TEXT | {"pattern": f"^{save.KEY.pattern}$"}, **PARTS},
    "required": ["key", "name", "definition"],
    "additionalProperties": False,
}
CHANGE = {"type": "object", "properties": {**PARTS, "is_on": BOOL}, "additionalProperties": False}
KEY = OpenApiParameter("key", str, OpenApiParameter.PATH, description="The key of the computed trait.")


SAID = (
    "key",
    "description",
    "definition",
    "type",
    "is_builtin",
    "is_on",
    "is_zero_without",
    "people",
    "as_of",
    "is_stale",
    "error",
    "created_at",
    "changed_at",
)


class NewSerializer(Strict):
    key = Text(max_length=60, trim_whitespace=False)
    name = Text(max_length=120)
    description = Text(max_length=1000, required=False, allow_blank=True)
    definition = serializers.DictField()


class ChangeSerializer(Strict):
    name = Text(max_length=120, required=False)
    description = Text(max_length=1000, required=False, allow_blank=True)
    definition = serializers.DictField(required=False)
    is_on = YesNo(required=False)


def said(row: ComputedTrait) -> dict[str, Any]:
    try:
        english = parse_definition(row.definition, known_traits()).english()
    except RuleError:
        english = ""
    return {**{name: getattr(row, name) for name in SAID}, "name": row.label, "english": english}


def trait_or_404(key: str) -> ComputedTrait:
    found = None if "\x00" in key else ComputedTrait.objects.filter(key=key, is_removed=False).first()
    if found is None:
        raise NotFound("There is no computed trait of this key.")
    return found


class Traits(StrictView):
    scope = {"GET": "segments:read", "POST": "segments:write"}
    parameters = frozenset({"limit", "after"})

    @extend_schema(
        operation_id="computed_traits_list",
        summary="The computed traits",
        tags=["computed traits"],
        parameters=[OpenApiParameter("limit", LIMIT), OpenApiParameter("after", str, description="Follow `next`.")],
        responses={200: paged(TRAIT), **errors()},
    )
    def get(self, request: Request) -> Response:
        return keyset_page(ComputedTrait.objects.filter(is_removed=False), request, order=("id",), said=said)

    @extend_schema(
        operation_id="computed_traits_create",
        summary="A new computed trait; everybody is computed in the background",
        tags=["computed traits"],
        request={"application/json": NEW},
        responses={201: TRAIT, **errors(409, 415)},
    )
    def post(self, request: Request) -> Response:
        body = NewSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            row = save.create(**_as_kept(body.validated_data), by=None, now=utc_now())
        except RuleError as error:
            raise ValidationError({error.place: error.message}) from error
        except save.TakenKey as error:
            raise Conflict(str(error.__doc__)) from error
        ring(tasks.refresh_stale)
        return Response(said(row), status=201)


class OneTrait(StrictView):
    scope = {"GET": "segments:read", "PATCH": "segments:write", "DELETE": "segments:write"}

    @extend_schema(
        operation_id="computed_traits_read",
        summary="One computed trait",
        tags=["computed traits"],
        parameters=[KEY],
        responses={200: TRAIT, **errors(404)},
    )
    def get(self, request: Request, key: str) -> Response:
        return Response(said(trait_or_404(key)))

    @extend_schema(
        operation_id="computed_traits_change",
        summary="Change a computed trait, or switch it on or off",
        tags=["computed traits"],
        parameters=[KEY],
        request={"application/json": CHANGE},
        responses={200: TRAIT, **errors(404, 409, 415)},
    )
    def patch(self, request: Request, key: str) -> Response:
        row = trait_or_404(key)
        body = ChangeSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            _change(row, _as_kept(body.validated_data))
        except RuleError as error:
            raise ValidationError({error.place: error.message}) from error
        except save.StillUsed as error:
            raise Conflict(f"It is used by {error}. Change that first.") from error
        ring(tasks.refresh_stale)
        return Response(said(trait_or_404(key)))

    @extend_schema(
        operation_id="computed_traits_delete",
        summary="Delete a computed trait and its values",
        tags=["computed traits"],
        parameters=[KEY],
        responses={204: None, **errors(404, 409)},
    )
    def delete(self, request: Request, key: str) -> Response:
        row = trait_or_404(key)
        if row.is_builtin:
            raise Conflict("It comes with the product. Switch it off instead.")
        try:
            save.remove(row, now=utc_now())
        except save.StillUsed as error:
            raise Conflict(f"It is used by {error}. Change that first.") from error
        ring(tasks.refresh_stale)
        return Response(status=204)


class Schema(StrictView):
    scope = "segments:read"

    @extend_schema(
        operation_id="computed_traits_schema",
        summary="JSON Schema of definitions",
        tags=["computed traits"],
        responses={200: ANY_OBJECT, **errors()},
    )
    def get(self, request: Request) -> Response:
        return Response(definition_schema())


class OfPerson(StrictView):
    scope = "profiles:read"

    @extend_schema(
        operation_id="profiles_computed_traits",
        summary="The computed traits of a person, as of now",
        tags=["profiles"],
        parameters=[WHO],
        responses={200: obj(values=listed(VALUE)), **errors(404)},
    )
    def get(self, request: Request, who: str) -> Response:
        values = of_person(person_or_404(who).pk, now=utc_now())
        said_values = [
            {"key": one.trait.key, "name": one.trait.label, "type": one.trait.type, "value": one.value}
            for one in values
        ]
        return Response({"values": said_values})


def _as_kept(said: dict[str, Any]) -> dict[str, Any]:
    return {"label" if key == "name" else key: value for key, value in said.items()}


def _change(row: ComputedTrait, changes: dict[str, Any]) -> None:
    now, is_on = utc_now(), changes.pop("is_on", row.is_on)
    if changes:
        kept = {name: getattr(row, name) for name in ("label", "description", "definition")}
        save.change(row, **{**kept, **changes}, now=now)
    if is_on != row.is_on:
        save.switch(row, is_on=is_on, now=now)
