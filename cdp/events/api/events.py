"""The API of events: newest first, by name, time and person."""

from dataclasses import replace
from datetime import datetime

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from cdp.common.api import StrictView, limit_of, next_url
from cdp.common.api_schema import LIMIT, TIME, errors, paged
from cdp.common.keyset import BadCursor
from cdp.events.newest import Wanted, newest
from cdp.events.parts import EVENT_SCHEMA, as_said
from cdp.profiles.find import NoSuchPerson, by_any
from cdp.profiles.models import Profile


class EventQuery(serializers.Serializer[dict[str, object]]):
    name = serializers.CharField(required=False, max_length=1_000, trim_whitespace=False)
    profile = serializers.CharField(required=False, max_length=600)
    since = serializers.DateTimeField(required=False)
    until = serializers.DateTimeField(required=False)


def event_page(request: Request, wanted: Wanted) -> Response:
    """One page of the events that the query asks for."""
    query = EventQuery(data=request.query_params.dict())
    query.is_valid(raise_exception=True)
    asked = query.validated_data
    if asked.get("name"):
        wanted = replace(wanted, names=[asked["name"]])
    wanted = replace(wanted, since=_moment(asked, "since"), until=_moment(asked, "until"))
    if asked.get("profile"):
        try:
            wanted = replace(wanted, profile_id=by_any(asked["profile"]).pk)
        except NoSuchPerson as error:
            raise ValidationError({"profile": "Nobody is known by that."}) from error
    try:
        found = newest(wanted, after=request.query_params.get("after", ""), size=limit_of(request.query_params))
    except BadCursor as error:
        raise ValidationError({"after": str(error.__doc__)}) from error
    ids = {event.profile_id for event in found.rows}
    uuids = {pk: str(uuid) for pk, uuid in Profile.objects.filter(pk__in=ids).values_list("pk", "uuid")}
    return Response({"results": as_said(found.rows, uuids), "next": next_url(request, found.next)})


def _moment(asked: dict[str, datetime], name: str) -> datetime | None:
    return asked.get(name)


class Events(StrictView):
    scope = "events:read"
    parameters = frozenset({"name", "profile", "since", "until", "limit", "after"})

    @extend_schema(
        operation_id="events_list",
        summary="What people did, newest first",
        tags=["events"],
        parameters=[
            OpenApiParameter("name", str, description="The event's name."),
            OpenApiParameter("profile", str, description="Of one person: profile id or `namespace:value`."),
            OpenApiParameter("since", TIME, description="Happened then or later."),
            OpenApiParameter("until", TIME, description="Happened then or earlier."),
            OpenApiParameter("limit", LIMIT),
            OpenApiParameter("after", str, description="Where the page begins: follow `next`."),
        ],
        responses={200: paged(EVENT_SCHEMA), **errors()},
    )
    def get(self, request: Request) -> Response:
        return event_page(request, Wanted())
