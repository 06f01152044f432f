"""The API of people. It lives here because people are written through the inbox, like everything else."""

import secrets
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from cdp.accounts.models import ApiToken, Source
from cdp.common.api import StrictView, keyset_page
from cdp.common.api_schema import DAY, LIMIT, TEXT, TIME, errors, listed, obj, paged
from cdp.events.api.events import event_page
from cdp.events.newest import Wanted
from cdp.events.ourselves import internal_source
from cdp.events.parts import EVENT_SCHEMA
from cdp.events.upsert import KEYS, MOST, Verdict, upsert
from cdp.profiles.find import NoSuchPerson, by_any
from cdp.profiles.history import as_of
from cdp.profiles.known import known_of, parts
from cdp.profiles.models import Identifier, Profile

WHO = OpenApiParameter(
    "who",
    str,
    OpenApiParameter.PATH,
    description="Profile id, or `namespace:value` such as `email:ada@example.com`.",
)
UUID_SCHEMA = {"type": "string", "format": "uuid"}
TRAITS: dict[str, Any] = {"type": "object", "additionalProperties": {}}
PROFILE = obj(id=UUID_SCHEMA, traits=TRAITS, first_seen_at=TIME, last_seen_at=TIME)
MERGED_INTO = UUID_SCHEMA | {
    "type": ["string", "null"],
    "description": "If it was asked for by the id of a profile that was merged: the id of the one it became.",
}
KNOWN = obj(**PROFILE["properties"], merged_into=MERGED_INTO, **{part.name: part.schema for part in parts()})
ID: dict[str, Any] = {"type": ["string", "integer"]}
PERSON = {
    "type": "object",
    "properties": {
        "user_id": ID,
        "anonymous_id": ID,
        "identifiers": {"type": "object", "additionalProperties": ID},
        "traits": TRAITS,
        "at": TIME | {"description": "When it was said; now, if left out."},
    },
    "additionalProperties": False,
}
AS_OF = obj(
    id=UUID_SCHEMA,
    as_of=TIME,
    is_known={"type": "boolean", "description": "Whether the person had been seen by then."},
    traits=TRAITS,
    trait_changes={"type": "object", "additionalProperties": obj(at=TIME, cause=TEXT)},
    identifiers=listed(obj(namespace=TEXT, value=TEXT, first_seen_at=TIME)),
)
PEOPLE = obj(people=listed(PERSON) | {"minItems": 1, "maxItems": MOST})
PEOPLE["properties"]["source"] = {"type": "string", "description": "The name of the source that says so."}
PEOPLE["additionalProperties"] = False
VERDICT = obj(index={"type": "integer"}, status={"type": "string", "enum": ["accepted", "refused"]})
VERDICT["properties"] |= {"message_id": TEXT, "place": TEXT, "problem": TEXT}
COUNT = {"type": "integer"}
VERDICTS = obj(source=TEXT, accepted=COUNT, refused=COUNT, people=listed(VERDICT))
KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="A request repeated with the same key counts once.",
)


class ProfileFilter(filters.FilterSet):  # type: ignore[misc]
    seen_since = filters.DateFilter(
        "last_seen_on", "gte", input_formats=["%Y-%m-%d"], label="Last seen on this day or later"
    )
    seen_until = filters.DateFilter(
        "last_seen_on", "lte", input_formats=["%Y-%m-%d"], label="Last seen on this day or earlier"
    )
    identifier = filters.CharFilter(method="by_identifier", max_length=600, label="`namespace:value`")

    def by_identifier(self, rows: Any, name: str, text: str) -> Any:
        namespace, _, value = text.partition(":")
        edges = Identifier.objects.joining().filter(namespace=namespace, value__in=sorted({value, value.lower()}))
        return rows.filter(pk__in=edges.values("profile_id"))


LIST_PARAMETERS = frozenset({*ProfileFilter.base_filters, "limit", "after"})


def said(profile: Profile) -> dict[str, Any]:
    return {
        "id": str(profile.uuid),
        "traits": profile.traits,
        "first_seen_at": profile.first_seen_at,
        "last_seen_at": profile.last_seen_at,
    }


def said_as_of(profile: Profile, at: datetime) -> dict[str, Any]:
    then = as_of(profile, at)
    return {
        "id": str(profile.uuid),
        "as_of": at,
        "is_known": then.is_known,
        "traits": {trait.name: trait.value for trait in then.traits},
        "trait_changes": {trait.name: {"at": trait.since, "cause": trait.cause} for trait in then.traits},
        "identifiers": [
            {"namespace": one.namespace, "value": one.value, "first_seen_at": one.first_seen_at}
            for one in then.identifiers
        ],
    }


class People(StrictView):
    scope = {"GET": "profiles:read", "POST": "profiles:write"}

    @property
    def parameters(self) -> frozenset[str]:  # type: ignore[override]
        return LIST_PARAMETERS if self.request.method in ("GET", "HEAD") else frozenset()

    @extend_schema(
        operation_id="profiles_list",
        summary="People, most recently seen first",
        tags=["profiles"],
        parameters=[
            OpenApiParameter("seen_since", DAY, description="Last seen then or later."),
            OpenApiParameter("seen_until", DAY, description="Last seen then or earlier."),
            OpenApiParameter("identifier", str, description="`namespace:value`"),
            OpenApiParameter("limit", LIMIT),
            OpenApiParameter("after", str, description="Where the page begins: follow `next`."),
        ],
        responses={200: paged(PROFILE), **errors()},
    )
    def get(self, request: Request) -> Response:
        found = ProfileFilter(request.query_params, queryset=Profile.objects.filter(merged_into=None))
        if not found.is_valid():
            raise ValidationError(found.errors)
        return keyset_page(found.qs, request, order=("-last_seen_on", "-id"), said=said)

    @extend_schema(
        operation_id="profiles_upsert",
        summary=f"Tell of up to {MOST:,} people",
        description=(
            "Each person is an `identify` of the named source (Tributary itself, if none is named) and takes effect"
            " within seconds. Telling the same again changes nothing. The answer says for each person whether it was"
            f" accepted. Fields of a person: {', '.join(KEYS)}."
        ),
        tags=["profiles"],
        parameters=[KEY],
        request={"application/json": PEOPLE},
        responses={202: VERDICTS, **errors(413, 415)},
    )
    def post(self, request: Request) -> Response:
        people, source = _read_body(request.data)
        key = request.headers.get("Idempotency-Key", "")
        if len(key) > 255:
            raise ValidationError({"Idempotency-Key": "At most 255 characters."})
        assert isinstance(request.auth, ApiToken)
        verdicts = upsert(
            source,
            people,
            key=f"{request.auth.pk}:{key}" if key else "",
            salt=secrets.token_hex(16),
            now=timezone.now(),
        )
        n_accepted = sum(verdict.is_accepted for verdict in verdicts)
        whole = {
            "source": source.name,
            "accepted": n_accepted,
            "refused": len(verdicts) - n_accepted,
            "people": [_verdict(one) for one in verdicts],
        }
        return Response(whole, status=202)


def _verdict(one: Verdict) -> dict[str, Any]:
    if one.is_accepted:
        return {"index": one.index, "status": "accepted", "message_id": one.message_id}
    return {"index": one.index, "status": "refused", "place": one.place, "problem": one.problem}


def _read_body(body: Any) -> tuple[list[Any], Source]:
    if not isinstance(body, dict):
        raise ValidationError({"body": 'An object: {"people": […]}.'})
    for name in body:
        if name not in ("people", "source"):
            raise ValidationError({"body": "It has the fields people and source, and no others."})
    people = body.get("people")
    if not isinstance(people, list) or not 1 <= len(people) <= MOST:
        raise ValidationError({"people": f"A list of 1 to {MOST:,} people."})
    if "source" not in body:
        return people, internal_source()
    name = body["source"]
    source = None
    if isinstance(name, str) and name.isprintable():
        source = Source.objects.filter(name=name, is_active=True).first()
    if source is None:
        raise ValidationError({"source": "There is no active source of that name. GET /api/sources lists them."})
    return people, source


def person_or_404(who: str) -> Profile:
    try:
        return by_any(who)
    except NoSuchPerson as error:
        raise NotFound("Nobody is known by that.") from error


class AsOfQuery(serializers.Serializer[dict[str, object]]):
    as_of = serializers.DateTimeField(required=False)


class Person(StrictView):
    scope = "profiles:read"
    parameters = frozenset({"as_of"})

    @extend_schema(
        operation_id="profiles_read",
        summary="All that is known of a person",
        description=(
            "By profile id or by any identifier. The id of a merged profile answers with the one it became. With"
            " `as_of`: the traits as they were then, since when and why, and the identifiers known by then; people"
            " who were merged into this one later were others then."
        ),
        tags=["profiles"],
        parameters=[WHO, OpenApiParameter("as_of", TIME, description="A time in the past.")],
        responses={200: {"anyOf": [KNOWN, AS_OF]}, **errors(404)},
    )
    def get(self, request: Request, who: str) -> Response:
        query = AsOfQuery(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        profile = person_or_404(who)
        if at := query.validated_data.get("as_of"):
            return Response(said_as_of(profile, at))
        return Response({**said(profile), "merged_into": _became(who, profile), **known_of(profile)})


def _became(who: str, profile: Profile) -> str | None:
    try:
        asked = UUID(who)
    except ValueError:
        return None
    return None if asked == profile.uuid else str(profile.uuid)


class PersonEvents(StrictView):
    scope = "events:read"
    parameters = frozenset({"name", "since", "until", "limit", "after"})

    @extend_schema(
        operation_id="profiles_events",
        summary="What a person did, newest first",
        tags=["profiles"],
        parameters=[
            WHO,
            OpenApiParameter("name", str, description="The event's name."),
            OpenApiParameter("since", TIME),
            OpenApiParameter("until", TIME),
            OpenApiParameter("limit", LIMIT),
            OpenApiParameter("after", str, description="Where the page begins: follow `next`."),
        ],
        responses={200: paged(EVENT_SCHEMA), **errors(404)},
    )
    def get(self, request: Request, who: str) -> Response:
        profile = person_or_404(who)
        return event_page(request, Wanted(profile_id=profile.pk))
