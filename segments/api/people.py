"""The API of who is in: members, one person's memberships, why; and of fixed lists, putting people on and off."""

from typing import Any

from django.utils.dateparse import parse_datetime
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from cdp.common.api import Conflict, StrictView, keyset_page
from cdp.common.api_schema import TEXT, TIME, errors, listed, obj, paged
from cdp.common.bell import ring
from cdp.common.clock import deployment_zone, utc_now
from cdp.events.api.people import WHO, person_or_404
from cdp.profiles.models import Record
from cdp.rules.explain import Finding, explain
from cdp.rules.kept_cuts import cuts_for
from cdp.rules.parse import parse
from identity.api.parts import PAGE, UUID_SCHEMA, Body, uuids
from segments import listing, tasks
from segments.api.parts import COUNT, MAYBE_TIME, NUMBER, YES_NO, active_or_409, note, refusals, segment_or_404
from segments.list_lines import Line
from segments.list_match import NAMED, WORDS, Verdict, match
from segments.models import Membership, Segment

MOST = 1_000
PEOPLE: dict[str, Any] = listed(TEXT) | {
    "maxItems": MOST,
    "description": f"At most {MOST:,} ids of profiles or identifiers (`namespace:value`).",
}
MEMBER = obj(id=UUID_SCHEMA, entered_at=TIME)
MEMBERSHIP = obj(segment=COUNT, name=TEXT, entered_at=TIME)
IS_MEMBER = obj(is_member=YES_NO, entered_at=MAYBE_TIME)
FINDING = obj(condition=TEXT, holds=YES_NO, seen=TEXT, decides=YES_NO, flips_at=MAYBE_TIME)
EXPLANATION = obj(
    is_in=YES_NO | {"description": "By the rule, at this moment."},
    is_member=YES_NO,
    entered_at=MAYBE_TIME,
    findings=listed(FINDING),
    flips_at=MAYBE_TIME | {"description": "When the answer changes if nothing happens."},
    looked_until=MAYBE_TIME | {"description": "Set where so much lies ahead that not all of it was looked at."},
)
TO_LIST: dict[str, Any] = {
    "type": "object",
    "properties": {"add": PEOPLE, "remove": PEOPLE},
    "additionalProperties": False,
}
WAS_LISTED = obj(added=COUNT, removed=COUNT)


def records_of(body: Body, name: str) -> list[int]:
    """Of those whom the body names, the records by which they are known; somebody unknown is an error."""
    given = body.fields.get(name, [])
    if not isinstance(given, list) or len(given) > MOST or not all(isinstance(one, str) for one in given):
        raise ValidationError({name: f"A list of at most {MOST:,} texts."})
    found: list[int] = []
    wrong: dict[str, str] = {}
    for lot in match((Line(at, text.strip()) for at, text in enumerate(given)), kind=NAMED):
        for one in lot:
            if one.verdict is Verdict.FOUND:
                found.append(one.record_id)
            else:
                wrong[f"{name}[{one.line.number}]"] = WORDS[one.verdict]
    if wrong:
        raise ValidationError(wrong)
    return found


class Members(StrictView):
    scope = "segments:read"
    parameters = frozenset({"limit", "after", "since"})

    @extend_schema(
        operation_id="segments_members",
        summary="Who is in a segment, by their number in the database; the id of each and since when",
        tags=["segments"],
        parameters=[NUMBER, OpenApiParameter("since", TIME, description="Who entered then or later."), *PAGE],
        responses={200: paged(MEMBER), **errors(404)},
    )
    def get(self, request: Request, number: str) -> Response:
        rows = Membership.objects.filter(segment_id=segment_or_404(number).pk)
        if (since := request.query_params.get("since")) is not None:
            rows = rows.filter(entered_at__gte=_moment(since))

        answer = keyset_page(
            rows, request, order=("profile_id",), said=lambda one: {"id": one.profile_id, "entered_at": one.entered_at}
        )
        known = uuids(one["id"] for one in answer.data["results"])
        answer.data["results"] = [
            {**one, "id": known[one["id"]]} for one in answer.data["results"] if one["id"] in known
        ]
        return answer


def _moment(given: str) -> Any:
    try:
        moment = parse_datetime(given)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ValidationError({"since": "A time with its offset, such as 2026-03-01T12:00:00Z."})
    return moment


class OneMember(StrictView):
    scope = "segments:read"

    @extend_schema(
        operation_id="segments_member",
        summary="Is this person in the segment, and since when?",
        tags=["segments"],
        parameters=[NUMBER, WHO],
        responses={200: IS_MEMBER, **errors(404)},
    )
    def get(self, request: Request, number: str, who: str) -> Response:
        segment = segment_or_404(number)
        return Response(_membership(segment, person_or_404(who).pk))


def _membership(segment: Segment, profile_id: int) -> dict[str, Any]:
    found = Membership.objects.filter(segment_id=segment.pk, profile_id=profile_id).first()
    return {"is_member": found is not None, "entered_at": found.entered_at if found else None}


class Explain(StrictView):
    scope = "segments:read"

    @extend_schema(
        operation_id="segments_explain",
        summary="Why a person is in the segment or is not: each condition, what was seen, when it flips",
        tags=["segments"],
        parameters=[NUMBER, WHO],
        responses={200: EXPLANATION, **errors(404, 409)},
    )
    def get(self, request: Request, number: str, who: str) -> Response:
        segment, now, zone = segment_or_404(number), utc_now(), deployment_zone()
        profile = person_or_404(who)
        with refusals():
            node = parse(segment.rule)
            told = explain(node, profile.pk, now=now, zone=zone, cuts=cuts_for(node, now=now, zone=zone))
        return Response(
            {
                "is_in": told.is_in,
                **_membership(segment, profile.pk),
                "findings": [_said_finding(one) for one in told.findings],
                "flips_at": told.flips_at,
                "looked_until": told.looked_until,
            }
        )


def _said_finding(one: Finding) -> dict[str, Any]:
    return {name: getattr(one, name) for name in FINDING["properties"]}


class OfPerson(StrictView):
    scope = "segments:read"

    @extend_schema(
        operation_id="profiles_segments",
        summary="The segments a person is in, and since when",
        tags=["segments"],
        parameters=[WHO],
        responses={200: paged(MEMBERSHIP), **errors(404)},
    )
    def get(self, request: Request, who: str) -> Response:
        rows = list(Membership.objects.filter(profile_id=person_or_404(who).pk).order_by("segment_id"))
        names = dict(
            Segment.objects.filter(archived_at=None, pk__in=[row.segment_id for row in rows]).values_list("pk", "name")
        )
        told = [
            {"segment": row.segment_id, "name": names[row.segment_id], "entered_at": row.entered_at}
            for row in rows
            if row.segment_id in names
        ]
        return Response({"results": told, "next": None})


class ListedPeople(StrictView):
    scope = {"POST": "segments:write"}

    @extend_schema(
        operation_id="segments_people",
        summary="Put people on a fixed list, or take them off",
        description="All of them, or none if one is unknown: a 400 then names its place. Twice is once.",
        tags=["segments"],
        parameters=[NUMBER],
        request={"application/json": TO_LIST},
        responses={200: WAS_LISTED, **errors(404, 409, 413, 415)},
    )
    def post(self, request: Request, number: str) -> Response:
        segment, body = active_or_409(number), Body.of(request, ("add", "remove"))
        added, removed = records_of(body, "add"), records_of(body, "remove")
        profiles = set(Record.objects.filter(pk__in=removed).values_list("profile_id", flat=True))
        now = utc_now()
        try:
            told = {
                "removed": listing.take_off(segment, profiles, now=now),
                "added": listing.add(segment, added, now=now),
            }
        except listing.NotAList as error:
            raise Conflict(str(error.__doc__)) from error
        note(request, "changed people of segment", segment, **told)
        ring(tasks.refresh)
        return Response(told)
