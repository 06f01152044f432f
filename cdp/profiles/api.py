"""The API of the golden profile: the rules of survivorship, and rollbacks of all words with one cause."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from cdp.accounts.models import Source
from cdp.common.api import Conflict, StrictView, keyset_page
from cdp.common.api_fields import Strict, Text, YesNo
from cdp.common.api_schema import LIMIT, TEXT, TIME, errors, listed, obj, paged
from cdp.common.clock import time_limit
from cdp.common.models import Job
from cdp.profiles.change_rule import BadRule, Change, change_rule
from cdp.profiles.foresee import Foreseen, foresee
from cdp.profiles.lots import Lot, NoSuchLot
from cdp.profiles.models import Rollback, SurvivorshipRule
from cdp.profiles.rollback import CannotRollBack, outlook, roll_back, undo
from cdp.profiles.survivorship import Rule, Strategy
from cdp.profiles.tasks import ring

PREVIEW_S = 2.0
COUNT = {"type": "integer"}
UUID_TEXT = {"type": "string", "format": "uuid"}
DIFFERENCE = obj(id=UUID_TEXT, trait=TEXT, old={}, new={})
FORESEEN = obj(
    people=COUNT,
    looked_at=COUNT,
    would_change=COUNT | {"description": "How many people; an estimate where is_exact is false."},
    is_exact={"type": "boolean"},
    examples=listed(DIFFERENCE),
)
JOB = obj(
    state={"type": "string", "enum": Job.State.values},
    done=COUNT,
    total={"type": ["integer", "null"]},
    changed=COUNT | {"description": "How many people changed so far."},
    error=TEXT,
)
MAYBE_JOB = {"anyOf": [JOB, {"type": "null"}]}
MAYBE_FORESEEN = {"anyOf": [FORESEEN, {"type": "null"}]}
STRATEGY = {"type": "string", "enum": [one.value for one in Strategy]}
RULE = obj(trait=TEXT, strategy=STRATEGY, sources=listed(TEXT), updated_at=TIME)
RULE_BODY = obj(strategy=STRATEGY | {"type": ["string", "null"], "enum": [*STRATEGY["enum"], None]}) | {
    "additionalProperties": False
}
RULE_BODY["properties"] |= {"sources": listed(TEXT), "dry_run": {"type": "boolean"}}
RULE_ANSWER = obj(trait=TEXT, foreseen=MAYBE_FORESEEN, job=MAYBE_JOB)
ROLLBACK = obj(
    id=COUNT, title=TEXT, cause=TEXT, at=TIME, since={"type": ["string", "null"]}, until={"type": ["string", "null"]},
    job=JOB, undo_job=MAYBE_JOB,
)  # fmt: skip
OUTLOOK = obj(title=TEXT, words=COUNT, records=COUNT, hindrance=TEXT, foreseen=FORESEEN)
LOT = {
    "type": "object",
    "properties": {"cause": TEXT, "source": TEXT, "since": TIME, "until": TIME, "dry_run": {"type": "boolean"}},
    "additionalProperties": False,
}
TRAIT = OpenApiParameter("trait", str, OpenApiParameter.PATH, description="The trait's name; `*` for all others.")
ID = OpenApiParameter("number", str, OpenApiParameter.PATH, description="The id of the rollback.")


class RuleSerializer(Strict):
    strategy = serializers.ChoiceField(choices=[one.value for one in Strategy], allow_null=True)
    sources = serializers.ListField(child=Text(max_length=120), required=False, max_length=1_000)
    dry_run = YesNo(required=False)

    def validate_sources(self, names: list[str]) -> list[int]:
        known = dict(Source.objects.filter(name__in=names).values_list("name", "id"))
        if unknown := sorted(set(names) - known.keys()):
            raise serializers.ValidationError(f"There is no source of this name: {unknown[0]}.")
        return [known[name] for name in names]


class LotSerializer(Strict):
    cause = Text(max_length=200, required=False)
    source = Text(max_length=120, required=False)  # type: ignore[assignment]
    since = serializers.DateTimeField(required=False)
    until = serializers.DateTimeField(required=False)
    dry_run = YesNo(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        span = {"source", "since", "until"} & attrs.keys()
        if ("cause" in attrs) == bool(span) or (span and len(span) < 3):
            raise serializers.ValidationError({"cause": "Give either cause, or source, since and until."})
        if not span:
            return {**attrs, "lot": Lot(attrs["cause"])}
        source = Source.objects.filter(name=attrs["source"]).first()
        if source is None:
            raise serializers.ValidationError({"source": "There is no source of this name."})
        if attrs["since"] >= attrs["until"]:
            raise serializers.ValidationError({"until": "The end comes after the beginning."})
        return {**attrs, "lot": Lot("", source.pk, attrs["since"], attrs["until"])}


def said_job(job: Job) -> dict[str, Any]:
    return {
        "state": job.state,
        "done": job.done,
        "total": job.total,
        "changed": int(job.result.get("changed", 0)),
        "error": job.error,
    }


def said_foreseen(found: Foreseen) -> dict[str, Any]:
    return {
        "people": found.people,
        "looked_at": found.looked_at,
        "would_change": found.estimate,
        "is_exact": found.is_exact,
        "examples": [
            {"id": str(one.uuid), "trait": one.trait, "old": one.old, "new": one.new} for one in found.examples
        ],
    }


class TraitRules(StrictView):
    scope = "identity:read"
    parameters = frozenset({"limit", "after"})

    @extend_schema(
        operation_id="trait_rules_list",
        summary="Which word on a trait counts; traits without a rule follow `*`, else the most recent word",
        tags=["traits"],
        parameters=[OpenApiParameter("limit", LIMIT), OpenApiParameter("after", str, description="Follow `next`.")],
        responses={200: paged(RULE), **errors()},
    )
    def get(self, request: Request) -> Response:
        names = dict(Source.objects.values_list("id", "name"))

        def said(rule: SurvivorshipRule) -> dict[str, Any]:
            sources = [names[source_id] for source_id in rule.sources if source_id in names]
            return {
                "trait": rule.trait, "strategy": rule.strategy, "sources": sources, "updated_at": rule.updated_at,
            }  # fmt: skip

        return keyset_page(SurvivorshipRule.objects.all(), request, order=("trait",), said=said)


class OneTraitRule(StrictView):
    scope = "identity:write"

    @extend_schema(
        operation_id="trait_rules_set",
        summary="Set the rule of a trait, or foresee what that would do",
        description=(
            "`strategy` null removes the rule. `sources` is the order of trust for `rank`, and whose word is verified"
            " for `verified`. With `dry_run` nothing changes. Otherwise the rule counts at once and people are picked"
            " anew in the background."
        ),
        tags=["traits"],
        parameters=[TRAIT],
        request={"application/json": RULE_BODY},
        responses={200: RULE_ANSWER, 202: RULE_ANSWER, **errors(413, 415)},
    )
    def put(self, request: Request, trait: str) -> Response:
        body = RuleSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        given = body.validated_data
        if len(trait) > 190 or not trait.isprintable() or not trait.strip():
            raise ValidationError({"trait": "A name of at most 190 printable characters."})
        strategy = given["strategy"]
        change = Change(trait, Rule(Strategy(strategy), tuple(given.get("sources", ()))) if strategy else None)
        try:
            if given.get("dry_run"):
                found = foresee(change, is_time_up=time_limit(PREVIEW_S))
                return Response({"trait": trait, "foreseen": said_foreseen(found), "job": None})
            job = change_rule(change, actor=None, by=f"API token {request.auth}", now=timezone.now())
        except BadRule as error:
            raise ValidationError({"strategy": str(error)}) from error
        transaction.on_commit(lambda: ring(job.pk, job.kind))
        return Response({"trait": trait, "foreseen": None, "job": said_job(job)}, status=202)


def said_rollback(one: Rollback) -> dict[str, Any]:
    return {
        "id": one.pk,
        "title": one.title,
        "cause": one.cause,
        "at": one.at,
        "since": one.since,
        "until": one.until,
        "job": said_job(one.job),
        "undo_job": said_job(one.undo_job) if one.undo_job else None,
    }


class Rollbacks(StrictView):
    scope = {"GET": "identity:read", "POST": "identity:write"}

    @property
    def parameters(self) -> frozenset[str]:  # type: ignore[override]
        return frozenset({"limit", "after"}) if self.request.method in ("GET", "HEAD") else frozenset()

    @extend_schema(
        operation_id="rollbacks_list",
        summary="What was rolled back, newest first",
        tags=["traits"],
        parameters=[OpenApiParameter("limit", LIMIT), OpenApiParameter("after", str, description="Follow `next`.")],
        responses={200: paged(ROLLBACK), **errors()},
    )
    def get(self, request: Request) -> Response:
        rows = Rollback.objects.select_related("job", "undo_job")
        return keyset_page(rows, request, order=("-id",), said=said_rollback)

    @extend_schema(
        operation_id="rollbacks_create",
        summary="Take back all traits with one cause, or foresee what that would do",
        description=(
            "`cause` is an import, such as `import:12`; or give a `source` and when its words arrived. In each record"
            " the newest word that is left counts again. Events, identifiers and consent stay. It can be undone."
        ),
        tags=["traits"],
        request={"application/json": LOT},
        responses={200: OUTLOOK, 202: ROLLBACK, **errors(404, 409, 413, 415)},
    )
    def post(self, request: Request) -> Response:
        body = LotSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        lot: Lot = body.validated_data["lot"]
        try:
            if body.validated_data.get("dry_run"):
                return Response(_said_outlook(lot))
            one = roll_back(lot, actor=None, by=f"API token {request.auth}", now=timezone.now())
        except NoSuchLot as error:
            raise NotFound(str(error)) from error
        except CannotRollBack as error:
            raise Conflict(str(error)) from error
        transaction.on_commit(lambda: ring(one.job_id, one.job.kind))
        return Response(said_rollback(one), status=202)


def _said_outlook(lot: Lot) -> dict[str, Any]:
    found = outlook(lot)
    return {
        "title": found.title,
        "words": found.words,
        "records": found.records,
        "hindrance": found.hindrance,
        "foreseen": said_foreseen(found.foreseen),
    }


class OneRollback(StrictView):
    scope = "identity:read"

    @extend_schema(
        operation_id="rollbacks_read",
        summary="How far a rollback is",
        tags=["traits"],
        parameters=[ID],
        responses={200: ROLLBACK, **errors(404)},
    )
    def get(self, request: Request, number: str) -> Response:
        return Response(said_rollback(_rollback(number)))


class UndoRollback(StrictView):
    scope = "identity:write"

    @extend_schema(
        operation_id="rollbacks_undo",
        summary="Let the words that were rolled back count again",
        tags=["traits"],
        parameters=[ID],
        request=None,
        responses={202: ROLLBACK, **errors(404, 409)},
    )
    def post(self, request: Request, number: str) -> Response:
        try:
            job = undo(_rollback(number), actor=None, now=timezone.now())
        except CannotRollBack as error:
            raise Conflict(str(error)) from error
        transaction.on_commit(lambda: ring(job.pk, job.kind))
        return Response(said_rollback(_rollback(number)), status=202)


def _rollback(number: str) -> Rollback:
    known = number.isascii() and number.isdigit() and len(number) < 19
    one = Rollback.objects.select_related("job", "undo_job").filter(pk=int(number)).first() if known else None
    if one is None:
        raise NotFound("There is no such rollback.")
    return one
