"""The API of the rules by which people are recognised, and of how well that goes."""

from dataclasses import asdict
from typing import Any

from django.db import transaction
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from cdp.common.api import Conflict, StrictView
from cdp.common.api_schema import TEXT, TIME, errors, listed, obj
from cdp.common.clock import utc_now
from identity import drafts, rule_jobs, snapshots
from identity.api.parts import ANY_OBJECT, BOOL, COUNT, Body, doer_of, number_or_404
from identity.drafts import NotADraft, NothingChanged, Outdated
from identity.full_pass import start_full_pass
from identity.models import RuleSet
from identity.reform import Difference, compare
from identity.rule_words import differences
from identity.rules import RulesError, is_storable, parse, to_json
from identity.tasks import ring_match, ring_rules

SAMPLE = 20_000
WHEN: dict[str, Any] = {"type": ["string", "null"], "format": "date-time"}
PASS = obj(id=COUNT, state=TEXT, done=COUNT, total={"type": ["integer", "null"]})
JOB = obj(state=TEXT, done=COUNT, total={"type": ["integer", "null"]}, error=TEXT)
RULES = obj(
    version=COUNT | {"description": "0 stands for the rules the product comes with."},
    is_in_force=BOOL,
    rules=ANY_OBJECT,
    note=TEXT,
    by=TEXT,
    at=WHEN,
    applied_at=WHEN | {"description": "From then on what arrives follows these rules; null for a draft."},
    settled_at=WHEN | {"description": "Since then everybody follows them."},
    changes=listed(TEXT) | {"description": "What is other than in the rules that count."},
    job={"anyOf": [JOB, {"type": "null"}], "description": "How far applying them is."},
)
FIGURES = ("joined", "broken", "changed", "concerned", "people_before", "people_after", "dropped_before")
ESTIMATE = obj(
    records=COUNT | {"description": "Records that were looked at: numbers are of these."},
    **dict.fromkeys((*FIGURES, "dropped_after"), COUNT),
)
DRAFT = {
    "type": "object",
    "properties": {"rules": ANY_OBJECT, "note": TEXT | {"maxLength": 300}},
    "required": ["rules"],
    "additionalProperties": False,
}
QUALITY = obj(
    at=TIME,
    people=COUNT,
    records=COUNT,
    merges_24h=COUNT,
    usual_merges={"type": "number"},
    is_alarm=BOOL,
    strays=COUNT | {"description": "Rows that name a person who was merged away: always 0."},
    figures=ANY_OBJECT,
)
VERSION = OpenApiParameter("version", str, OpenApiParameter.PATH)
NOTHING: dict[str, Any] = {"type": "object", "properties": {}, "additionalProperties": False}


def said(row: RuleSet | None) -> dict[str, Any]:
    """None stands for the rules the product comes with."""
    now = drafts.in_force()
    version = row.pk if row else 0
    rules = parse(row.rules) if row else drafts.rules_of(0)
    job = rule_jobs.latest(rule_jobs.SETTLE, version) if row else None
    return {
        "version": version,
        "is_in_force": now.version == version,
        "rules": to_json(rules),
        "note": row.note if row else "",
        "by": row.by if row else "system",
        "at": row.at if row else None,
        "applied_at": row.applied_at if row else None,
        "settled_at": row.settled_at if row else None,
        "changes": differences(now, rules),
        "job": {name: getattr(job, name) for name in ("state", "done", "total", "error")} if job else None,
    }


def version_or_404(text: str) -> RuleSet:
    found = RuleSet.objects.filter(pk=number_or_404(text)).first()
    if found is None:
        raise NotFound("There are no rules of this version.")
    return found


class IdentityRules(StrictView):
    scope = {"GET": "identity:read", "PUT": "identity_rules:write"}

    @extend_schema(
        operation_id="identity_rules_read",
        summary="The rules by which people are recognised",
        tags=["identity"],
        responses={200: RULES, **errors()},
    )
    def get(self, request: Request) -> Response:
        return Response(said(RuleSet.objects.filter(pk=drafts.in_force().version).first()))

    @extend_schema(
        operation_id="identity_rules_draft",
        summary="Save other rules as a draft: nobody follows them before they are applied",
        tags=["identity"],
        request={"application/json": DRAFT},
        responses={201: RULES, **errors(409, 415)},
    )
    def put(self, request: Request) -> Response:
        body = Body.of(request, ("rules", "note"))
        note = body.fields.get("note", "")
        if not isinstance(note, str) or len(note) > 300 or not is_storable(note):
            raise ValidationError({"note": "A text of at most 300 characters."})
        try:
            draft = drafts.save(body.fields.get("rules"), note=note, by=doer_of(request), now=utc_now())
        except RulesError as error:
            raise ValidationError({error.place: error.problem}) from error
        except NothingChanged as error:
            raise Conflict(str(error.__doc__)) from error
        return Response(said(draft), status=201)


class RulesVersion(StrictView):
    scope = "identity:read"

    @extend_schema(
        operation_id="identity_rules_version",
        summary="One version of the rules, and how far applying it is",
        tags=["identity"],
        parameters=[VERSION],
        responses={200: RULES, **errors(404)},
    )
    def get(self, request: Request, version: str) -> Response:
        return Response(said(version_or_404(version)))


class TryRules(StrictView):
    scope = {"POST": "identity:read"}

    @extend_schema(
        operation_id="identity_rules_try",
        summary=f"What these rules would change, told from up to {SAMPLE:,} records",
        tags=["identity"],
        parameters=[VERSION],
        request={"application/json": NOTHING},
        responses={200: ESTIMATE, **errors(404, 415)},
    )
    def post(self, request: Request, version: str) -> Response:
        found = version_or_404(version)
        return Response(_said_difference(compare(parse(found.rules), most=SAMPLE)))


def _said_difference(found: Difference) -> dict[str, Any]:
    told = asdict(found)
    del told["samples"]
    return told


class ApplyRules(StrictView):
    scope = {"POST": "identity_rules:write"}

    @extend_schema(
        operation_id="identity_rules_apply",
        summary="Apply a draft: what arrives follows it at once, everybody else by a job",
        tags=["identity"],
        parameters=[VERSION],
        request={"application/json": NOTHING},
        responses={202: RULES, **errors(404, 409, 415)},
    )
    def post(self, request: Request, version: str) -> Response:
        found, now = version_or_404(version), utc_now()
        try:
            with transaction.atomic():
                applied = drafts.apply(found.pk, now=now)
                job = rule_jobs.start_settle(applied, by=None, now=now)
                transaction.on_commit(lambda: ring_rules(job))
        except (NotADraft, Outdated) as error:
            raise Conflict(str(error.__doc__)) from error
        return Response(said(applied), status=202)


class Quality(StrictView):
    scope = "identity:read"

    @extend_schema(
        operation_id="identity_quality",
        summary="How well people are recognised, as counted within the last hour",
        tags=["identity"],
        responses={200: QUALITY, **errors(404)},
    )
    def get(self, request: Request) -> Response:
        found = snapshots.latest()
        if found is None:
            raise NotFound("It was not counted yet; that happens every hour.")
        return Response({name: getattr(found, name) for name in QUALITY["properties"]})


class FullPass(StrictView):
    scope = {"POST": "identity:write"}

    @extend_schema(
        operation_id="identity_full_pass",
        summary="Compare everybody by likeness anew; the one under way, if there is one",
        tags=["identity"],
        request={"application/json": NOTHING},
        responses={202: PASS, **errors(415)},
    )
    def post(self, request: Request) -> Response:
        with transaction.atomic():
            job = start_full_pass(None, now=utc_now())
            transaction.on_commit(lambda: ring_match(job.pk))
        return Response({name: getattr(job, name) for name in PASS["properties"]}, status=202)
