"""The API of campaigns: read them, and start, pause, resume or cancel one."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns import audience, tasks, verbs
from campaigns.models import Campaign
from campaigns.target import document_of
from cdp.accounts import audit
from cdp.common.api import Conflict, StrictView, keyset_page
from cdp.common.api_schema import TEXT, TIME, errors, obj, paged
from cdp.common.bell import ring
from cdp.common.clock import deployment_zone, utc_now
from identity.api.parts import PAGE, number_or_404

STATES, KINDS = Campaign.State.values, Campaign.Kind.values
COUNT: dict[str, Any] = {"type": "integer"}
MAYBE_TIME: dict[str, Any] = {"type": ["string", "null"], "format": "date-time"}
NUMBER = OpenApiParameter("number", str, OpenApiParameter.PATH, description="The campaign's number.")
CAMPAIGN = obj(
    id=COUNT,
    name=TEXT,
    kind={"type": "string", "enum": list(KINDS)},
    state={"type": "string", "enum": list(STATES)},
    template_id=COUNT,
    audience={"type": "object", "additionalProperties": {}, "description": "As a rule: `GET segments/rule-schema`."},
    topic={"type": ["string", "null"]},
    sender=TEXT,
    timing={"type": "string", "enum": list(Campaign.Timing.values)},
    send_at=MAYBE_TIME,
    cron=TEXT,
    next_at=MAYBE_TIME,
    ends_at=MAYBE_TIME,
    holdout_percent=COUNT,
    priority=COUNT,
    created_at=TIME,
    started_at=MAYBE_TIME,
    finished_at=MAYBE_TIME,
)
SAME = ("id", "name", "kind", "state", "template_id", "sender", "timing", "cron", "holdout_percent", "priority")
TIMES = ("send_at", "next_at", "ends_at", "created_at", "started_at", "finished_at")
REFUSALS = (verbs.NotNow, audience.AlreadyStarted, audience.ChangedMeanwhile, audience.NeverComes)
Verb = Callable[[Campaign, datetime, ZoneInfo], object]


def said(campaign: Campaign) -> dict[str, Any]:
    times = {name: getattr(campaign, name) for name in TIMES}
    return {
        **{name: getattr(campaign, name) for name in SAME},
        **{name: moment.isoformat() if moment else None for name, moment in times.items()},
        "audience": document_of(campaign),
        "topic": campaign.topic.key if campaign.topic else None,
    }


def campaign_or_404(number: str) -> Campaign:
    rows = Campaign.objects.select_related("topic").prefetch_related("included", "excluded")
    found = rows.filter(pk=number_or_404(number)).first()
    if found is None:
        raise NotFound("There is no such campaign.")
    return found


class Campaigns(StrictView):
    scope = {"GET": "campaigns:read"}
    parameters = frozenset({"limit", "after", "state", "kind"})

    @extend_schema(
        operation_id="campaigns_list",
        summary="Campaigns, by id",
        tags=["campaigns"],
        parameters=[
            OpenApiParameter("state", str, enum=list(STATES), description="Any, if left out."),
            OpenApiParameter("kind", str, enum=list(KINDS), description="Any, if left out."),
            *PAGE,
        ],
        responses={200: paged(CAMPAIGN), **errors()},
    )
    def get(self, request: Request) -> Response:
        rows = Campaign.objects.select_related("topic").prefetch_related("included", "excluded")
        for name, known in (("state", STATES), ("kind", KINDS)):
            wanted = request.query_params.get(name)
            if wanted is not None and wanted not in known:
                raise ValidationError({name: f"One of {', '.join(known)}."})
            rows = rows.filter(**{name: wanted}) if wanted else rows
        return keyset_page(rows, request, order=("id",), said=said)


class OneCampaign(StrictView):
    scope = {"GET": "campaigns:read"}

    @extend_schema(
        operation_id="campaigns_read",
        summary="A campaign: to whom, when, and how far it is",
        tags=["campaigns"],
        parameters=[NUMBER],
        responses={200: CAMPAIGN, **errors(404)},
    )
    def get(self, request: Request, number: str) -> Response:
        return Response(said(campaign_or_404(number)))


def _start(campaign: Campaign, now: datetime, zone: ZoneInfo) -> None:
    try:
        verbs.start(campaign, by=None, now=now, zone=zone)
    except audience.NotReady as error:
        raise Conflict(f"{error.__doc__} {error}") from error


def _pause(campaign: Campaign, now: datetime, zone: ZoneInfo) -> None:
    verbs.pause(campaign, by=None, now=now)


def _resume(campaign: Campaign, now: datetime, zone: ZoneInfo) -> None:
    verbs.resume(campaign, by=None, now=now, zone=zone)


def _cancel(campaign: Campaign, now: datetime, zone: ZoneInfo) -> None:
    verbs.cancel(campaign, by=None, now=now)


def _done(request: Request, number: str, verb: Verb, word: str) -> Response:
    campaign, now = campaign_or_404(number), utc_now()
    try:
        verb(campaign, now, deployment_zone())
    except REFUSALS as error:
        raise Conflict(" ".join(str(error.__doc__).split())) from error
    audit.record(
        None, verb=f"{word} campaign by the API", target=campaign.name, details={"by": str(request.user)}, now=now
    )
    ring(tasks.plan_due)
    ring(tasks.send)
    return Response(said(campaign_or_404(number)))


class Start(StrictView):
    scope = {"POST": "campaigns:write"}

    @extend_schema(
        operation_id="campaigns_start",
        summary="Start it: at once, or at its time",
        description="Where campaigns need approval, it is asked for: `state` is `waiting` then. 409: it was started"
        " before, or its mail holds mistakes.",
        tags=["campaigns"],
        parameters=[NUMBER],
        request=None,
        responses={200: CAMPAIGN, **errors(404, 409)},
    )
    def post(self, request: Request, number: str) -> Response:
        return _done(request, number, _start, "started")


class Pause(StrictView):
    scope = {"POST": "campaigns:write"}

    @extend_schema(
        operation_id="campaigns_pause",
        summary="Pause it: nobody is planned or sent to until it goes on",
        tags=["campaigns"],
        parameters=[NUMBER],
        request=None,
        responses={200: CAMPAIGN, **errors(404, 409)},
    )
    def post(self, request: Request, number: str) -> Response:
        return _done(request, number, _pause, "paused")


class Resume(StrictView):
    scope = {"POST": "campaigns:write"}

    @extend_schema(
        operation_id="campaigns_resume",
        summary="Let a paused one go on",
        tags=["campaigns"],
        parameters=[NUMBER],
        request=None,
        responses={200: CAMPAIGN, **errors(404, 409)},
    )
    def post(self, request: Request, number: str) -> Response:
        return _done(request, number, _resume, "resumed")


class Cancel(StrictView):
    scope = {"POST": "campaigns:write"}

    @extend_schema(
        operation_id="campaigns_cancel",
        summary="Cancel it for good: whoever waits gets nothing",
        tags=["campaigns"],
        parameters=[NUMBER],
        request=None,
        responses={200: CAMPAIGN, **errors(404, 409)},
    )
    def post(self, request: Request, number: str) -> Response:
        return _done(request, number, _cancel, "cancelled")
