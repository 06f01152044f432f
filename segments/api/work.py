"""The API of a segment's versions, of refreshing it now, and of the boundaries that rules compare with."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from cdp.common.api import StrictView, keyset_page
from cdp.common.api_schema import TEXT, TIME, errors, obj, paged
from cdp.common.bell import ring
from cdp.common.clock import deployment_zone, utc_now
from cdp.rules.models import PublishedCut
from identity.api.parts import PAGE, number_or_404
from segments import full_jobs, tasks
from segments.api.parts import (
    COUNT,
    JOB,
    NUMBER,
    PACE,
    RULE,
    SEGMENT,
    active_or_409,
    note,
    refusals,
    said,
    said_job,
    segment_or_404,
)
from segments.go_back import go_back
from segments.models import SegmentVersion
from segments.rule_difference import english

VERSION = obj(
    number=COUNT, name=TEXT, description=TEXT, rule=RULE, english=TEXT, pace=PACE, cron=TEXT, note=TEXT, at=TIME
)
CUT = obj(
    key=TEXT,
    english=TEXT,
    value={"type": ["string", "null"], "description": "A decimal number; null while nobody has the number."},
    version=COUNT,
    measured_at=TIME,
)
VERSION_NUMBER = OpenApiParameter("version", str, OpenApiParameter.PATH, description="The number of the version.")


class RefreshNow(StrictView):
    scope = {"GET": "segments:read", "POST": "segments:write"}

    @extend_schema(
        operation_id="segments_refresh_read",
        summary="How far the last full refresh is that somebody asked for",
        tags=["segments"],
        parameters=[NUMBER],
        responses={200: JOB, **errors(404)},
    )
    def get(self, request: Request, number: str) -> Response:
        job = segment_or_404(number).job
        if job is None:
            raise NotFound("Nobody asked for one yet.")
        return Response(said_job(job))

    @extend_schema(
        operation_id="segments_refresh",
        summary="Refresh the segment fully, now; the one under way, if there is one",
        tags=["segments"],
        parameters=[NUMBER],
        request=None,
        responses={202: JOB, **errors(404, 409)},
    )
    def post(self, request: Request, number: str) -> Response:
        job = full_jobs.ask(active_or_409(number), by=None, now=utc_now())
        ring(tasks.refresh_stale)
        return Response(said_job(job), status=202)


class Versions(StrictView):
    scope = "segments:read"
    parameters = frozenset({"limit", "after"})

    @extend_schema(
        operation_id="segments_versions",
        summary="What the segment was after each change, newest first",
        tags=["segments"],
        parameters=[NUMBER, *PAGE],
        responses={200: paged(VERSION), **errors(404)},
    )
    def get(self, request: Request, number: str) -> Response:
        return keyset_page(segment_or_404(number).versions.all(), request, order=("-number",), said=_said_version)


def _said_version(one: SegmentVersion) -> dict[str, Any]:
    told = {name: getattr(one, name) for name in VERSION["properties"] if name != "english"}
    return {**told, "english": english(one.rule)}


class GoBack(StrictView):
    scope = {"POST": "segments:write"}

    @extend_schema(
        operation_id="segments_go_back",
        summary="Go back to a version: a new one like it",
        tags=["segments"],
        parameters=[NUMBER, VERSION_NUMBER],
        request=None,
        responses={200: SEGMENT, **errors(404, 409)},
    )
    def post(self, request: Request, number: str, version: str) -> Response:
        segment = active_or_409(number)
        found = segment.versions.filter(number=min(number_or_404(version), 2**31 - 1)).first()
        if found is None:
            raise NotFound("There is no such version.")
        with refusals():
            changed = go_back(found, by=None, now=utc_now(), zone=deployment_zone())
        note(request, "went back to version of segment", changed, to=found.number, version=changed.version)
        ring(tasks.refresh_stale)
        return Response(said(changed))


class Cuts(StrictView):
    scope = "segments:read"
    parameters = frozenset({"limit", "after"})

    @extend_schema(
        operation_id="cuts_list",
        summary="The boundaries among all people that rules compare with, as they were last measured",
        tags=["segments"],
        parameters=PAGE,
        responses={200: paged(CUT), **errors()},
    )
    def get(self, request: Request) -> Response:
        return keyset_page(PublishedCut.objects.all(), request, order=("key",), said=_said_cut)


def _said_cut(one: PublishedCut) -> dict[str, Any]:
    value = None if one.value is None else f"{one.value.normalize():f}"
    return {
        "key": one.key,
        "english": one.english,
        "value": value,
        "version": one.version,
        "measured_at": one.measured_at,
    }
