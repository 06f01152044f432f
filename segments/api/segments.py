"""The API of segments: list, make, read, change, archive; the language of their rules and how many one means."""

from django.db import transaction
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from cdp.common.api import Conflict, StrictView, keyset_page
from cdp.common.api_schema import TEXT, errors, obj, paged
from cdp.common.bell import ring
from cdp.common.clock import deployment_zone, utc_now
from cdp.rules.schema import rule_schema
from cdp.rules.to_english import to_english
from identity.api.parts import PAGE, Body, number_or_404
from segments import save, snapshot, tasks
from segments.api.parts import (
    COUNT,
    NUMBER,
    RULE,
    SEGMENT,
    WRITABLE,
    YES_NO,
    active_or_409,
    draft_of,
    note,
    refusals,
    said,
    segment_or_404,
    text,
)
from segments.api.people import PEOPLE, records_of
from segments.bounded import TooSlow
from segments.duplicate import duplicate
from segments.estimate import size_of
from segments.models import Segment
from segments.reading import read
from segments.restore import restore

STATES = ("active", "archived")
TO_MAKE = {
    "type": "object",
    "properties": {**WRITABLE, "people": PEOPLE, "snapshot_of": COUNT},
    "required": ["name"],
    "additionalProperties": False,
}
TO_CHANGE = {
    "type": "object",
    "properties": {
        **WRITABLE,
        "version": COUNT | {"description": "The version that you read: 409 if there is a newer one."},
    },
    "additionalProperties": False,
}
PREVIEW = obj(
    english=TEXT,
    count={"type": ["integer", "null"], "description": "Null if it takes too long to look."},
    low={"type": ["integer", "null"]},
    high={"type": ["integer", "null"]},
    is_exact=YES_NO | {"description": "Otherwise it is an estimate, with 95 % between `low` and `high`."},
)
TO_PREVIEW = obj(rule=RULE) | {"additionalProperties": False}


class Segments(StrictView):
    scope = {"GET": "segments:read", "POST": "segments:write"}

    @property
    def parameters(self) -> frozenset[str]:  # type: ignore[override]
        listed = frozenset({"limit", "after", "folder", "kind", "state"})
        return listed if self.request.method in ("GET", "HEAD") else frozenset()

    @extend_schema(
        operation_id="segments_list",
        summary="Segments, by id",
        tags=["segments"],
        parameters=[
            OpenApiParameter("folder", str),
            OpenApiParameter("kind", str, enum=list(Segment.Kind.values)),
            OpenApiParameter("state", str, enum=list(STATES), description="`active`, if left out."),
            *PAGE,
        ],
        responses={200: paged(SEGMENT), **errors()},
    )
    def get(self, request: Request) -> Response:
        query = request.query_params
        state, kind = query.get("state", "active"), query.get("kind")
        if state not in STATES:
            raise ValidationError({"state": f"One of {', '.join(STATES)}."})
        if kind is not None and kind not in Segment.Kind.values:
            raise ValidationError({"kind": f"One of {', '.join(Segment.Kind.values)}."})
        rows = Segment.objects.filter(archived_at__isnull=state == "active")
        rows = rows.filter(kind=kind) if kind else rows
        if folder := query.get("folder"):
            rows = rows.filter(folder=folder) if folder.isprintable() else rows.none()
        return keyset_page(rows, request, order=("id",), said=said)

    @extend_schema(
        operation_id="segments_create",
        summary="Make a segment by a `rule`, or a fixed list of `people` or of who is in another segment now",
        description=(
            "Exactly one of `rule`, `people` and `snapshot_of`. It is counted in the background: `as_of` is null until"
            " then. A mistake in the rule is a 400 that names its place, such as `rule.root.of[1].window.amount`."
        ),
        tags=["segments"],
        request={"application/json": TO_MAKE},
        responses={201: SEGMENT, **errors(404, 413, 415)},
    )
    def post(self, request: Request) -> Response:
        body = Body.of(request, (*WRITABLE, "people", "snapshot_of"))
        if len({"rule", "people", "snapshot_of"} & body.fields.keys()) != 1:
            raise ValidationError({"rule": "Give one of rule, people and snapshot_of."})
        with refusals(), transaction.atomic():
            made = _make(body)
            save.move(made, folder=text(body, "folder"))
            note(request, "created segment", made)
            transaction.on_commit(lambda: ring(tasks.refresh_stale))
        return Response(said(Segment.objects.get(pk=made.pk)), status=201)


def _make(body: Body) -> Segment:
    draft, now = draft_of(body), utc_now()
    if "rule" in body.fields:
        return save.create(
            draft.name, rule=draft.rule, by=None, now=now, description=draft.description, schedule=draft.schedule
        )
    if {"pace", "cron"} & body.fields.keys():
        raise ValidationError({"pace": "A fixed list has none: it follows at once."})
    if "people" in body.fields:
        records = snapshot.of_records(records_of(body, "people"))
    else:
        given = body.fields["snapshot_of"]
        if not isinstance(given, int) or isinstance(given, bool):
            raise ValidationError({"snapshot_of": "The id of a segment."})
        records = snapshot.of_segment(segment_or_404(str(given)).pk)
    made = snapshot.static_from(records, name=draft.name, by=None, now=now)
    Segment.objects.filter(pk=made.pk).update(description=draft.description)
    return made


class OneSegment(StrictView):
    scope = {"GET": "segments:read", "PATCH": "segments:write", "DELETE": "segments:write"}

    @extend_schema(
        operation_id="segments_read",
        summary="A segment",
        tags=["segments"],
        parameters=[NUMBER],
        responses={200: SEGMENT, **errors(404)},
    )
    def get(self, request: Request, number: str) -> Response:
        return Response(said(segment_or_404(number)))

    @extend_schema(
        operation_id="segments_change",
        summary="Change a segment; what is left out stays",
        description="Another name, description, rule, pace or cron makes a new version.",
        tags=["segments"],
        parameters=[NUMBER],
        request={"application/json": TO_CHANGE},
        responses={200: SEGMENT, **errors(404, 409, 413, 415)},
    )
    def patch(self, request: Request, number: str) -> Response:
        segment = active_or_409(number)
        body = Body.of(request, (*WRITABLE, "version"))
        opened = body.fields.get("version")
        if opened is not None and (not isinstance(opened, int) or isinstance(opened, bool)):
            raise ValidationError({"version": "The number of a version."})
        with refusals(), transaction.atomic():
            draft = draft_of(body, segment)
            changed = save.change(segment, draft, by=None, now=utc_now(), opened=opened)
            save.move(changed, folder=text(body, "folder", otherwise=changed.folder))
            note(request, "changed segment", changed, version=changed.version)
            transaction.on_commit(lambda: ring(tasks.refresh_stale))
        return Response(said(Segment.objects.get(pk=changed.pk)))

    @extend_schema(
        operation_id="segments_archive",
        summary="Archive a segment; 409 while something uses it",
        tags=["segments"],
        parameters=[NUMBER],
        responses={204: None, **errors(404, 409)},
    )
    def delete(self, request: Request, number: str) -> Response:
        segment = segment_or_404(number, also_archived=False)
        with refusals():
            save.archive(segment, now=utc_now())
        note(request, "archived segment", segment)
        return Response(status=204)


class Restore(StrictView):
    scope = {"POST": "segments:write"}

    @extend_schema(
        operation_id="segments_restore",
        summary="Bring an archived segment back",
        tags=["segments"],
        parameters=[NUMBER],
        request=None,
        responses={200: SEGMENT, **errors(404, 409)},
    )
    def post(self, request: Request, number: str) -> Response:
        segment = segment_or_404(number)
        if not segment.archived_at:
            raise Conflict("The segment is not archived.")
        with refusals():
            restore(segment, now=utc_now(), zone=deployment_zone())
        note(request, "restored segment", segment)
        ring(tasks.refresh_stale)
        return Response(said(segment_or_404(number)))


class Duplicate(StrictView):
    scope = {"POST": "segments:write"}

    @extend_schema(
        operation_id="segments_duplicate",
        summary="Copy a segment; the answer is the copy",
        tags=["segments"],
        parameters=[NUMBER],
        request=None,
        responses={201: SEGMENT, **errors(404)},
    )
    def post(self, request: Request, number: str) -> Response:
        with refusals():
            made = duplicate(segment_or_404(number), by=None, now=utc_now(), zone=deployment_zone())
        note(request, "created segment", made, copy_of=number_or_404(number))
        ring(tasks.refresh_stale)
        return Response(said(made), status=201)


class RuleSchema(StrictView):
    scope = "segments:read"

    @extend_schema(
        operation_id="segments_rule_schema",
        summary="The JSON Schema of rules",
        tags=["segments"],
        responses={200: {"type": "object", "additionalProperties": {}}, **errors()},
    )
    def get(self, request: Request) -> Response:
        return Response(rule_schema())


class Preview(StrictView):
    scope = {"POST": "segments:read"}

    @extend_schema(
        operation_id="segments_preview",
        summary="How many people a rule means now, and the rule as a sentence; nothing is kept",
        description="Counted if that takes a few seconds at most, else estimated from people drawn at random.",
        tags=["segments"],
        request={"application/json": TO_PREVIEW},
        responses={200: PREVIEW, **errors(413, 415)},
    )
    def post(self, request: Request) -> Response:
        rule = Body.of(request, ("rule",)).fields.get("rule")
        with refusals():
            words = to_english(save.readable(rule))
            try:
                found = size_of(read(rule, now=utc_now(), zone=deployment_zone()), patient=True)
            except TooSlow:
                return Response({"english": words, "count": None, "low": None, "high": None, "is_exact": False})
        size = {"count": found.n, "low": found.low, "high": found.high, "is_exact": found.is_exact}
        return Response({"english": words, **size})
