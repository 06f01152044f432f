"""The API of the review queue: pairs that look like one person, and deciding on them."""

from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from cdp.common.api import Conflict, StrictView, keyset_page
from cdp.common.api_schema import TIME, errors, listed, obj, paged
from cdp.common.clock import utc_now
from cdp.profiles.models import Record
from identity import review
from identity.api.parts import (
    ANY_OBJECT,
    COUNT,
    OUTCOME,
    PAGE,
    UUID_SCHEMA,
    Body,
    doer_of,
    number_or_404,
    said_outcome,
    uuids,
)
from identity.by_hand import NotPossible, Outcome
from identity.models import Candidate, Decision

NUMBER: dict[str, Any] = {"type": "number"}
SHARE: dict[str, Any] = {"type": "number", "minimum": 0, "maximum": 1}
CANDIDATE = obj(
    id=COUNT,
    profiles=listed(UUID_SCHEMA) | {"description": "Whose the two records are now; one, if they were joined since."},
    records=listed(COUNT),
    probability=NUMBER,
    weight=NUMBER | {"description": "Bits of evidence: 10 are odds of 1,024 to 1."},
    evidence=listed(ANY_OBJECT),
    state={"type": "string", "enum": list(Candidate.State.values)},
    found_at=TIME,
    decided_at={"type": ["string", "null"], "format": "date-time"},
)
DECISIONS = ("same", "different", "later")
TO_DECIDE = obj(decision={"type": "string", "enum": list(DECISIONS)}) | {"additionalProperties": False}
CANDIDATE_ID = OpenApiParameter("candidate_id", str, OpenApiParameter.PATH)


class QueueFilter(filters.FilterSet):  # type: ignore[misc]
    state = filters.ChoiceFilter(choices=Candidate.State.choices)
    least = filters.NumberFilter("probability", "gte", min_value=0, max_value=1)
    most = filters.NumberFilter("probability", "lte", min_value=0, max_value=1)


class Candidates(StrictView):
    scope = "identity:read"
    parameters = frozenset({*QueueFilter.base_filters, "limit", "after"})

    @extend_schema(
        operation_id="candidates_list",
        summary="Pairs that look like one person, the likeliest first",
        tags=["identity"],
        parameters=[
            OpenApiParameter("state", str, enum=list(Candidate.State.values), description="`open`, if left out."),
            OpenApiParameter("least", SHARE, description="At least so probable."),
            OpenApiParameter("most", SHARE, description="At most so probable."),
            *PAGE,
        ],
        responses={200: paged(CANDIDATE), **errors()},
    )
    def get(self, request: Request) -> Response:
        found = QueueFilter(request.query_params, queryset=Candidate.objects.all())
        if not found.is_valid():
            raise ValidationError(found.errors)
        rows = found.qs if "state" in request.query_params else found.qs.filter(state=Candidate.State.OPEN)
        answer = keyset_page(rows, request, order=("-probability", "-id"), said=_said)
        holder = _holders([record for one in answer.data["results"] for record in one["records"]])
        for one in answer.data["results"]:
            one["profiles"] = list(dict.fromkeys(holder[record] for record in one["records"] if record in holder))
        return answer


def _said(one: Candidate) -> dict[str, Any]:
    return {
        "id": one.pk,
        "profiles": [],
        "records": [one.record_a, one.record_b],
        "probability": one.probability,
        "weight": one.weight,
        "evidence": one.evidence,
        "state": one.state,
        "found_at": one.found_at,
        "decided_at": one.decided_at,
    }


def _holders(record_ids: list[int]) -> dict[int, str]:
    holder = dict(Record.objects.filter(pk__in=record_ids).values_list("pk", "profile_id"))
    known = uuids(holder.values())
    return {record: known[profile] for record, profile in holder.items() if profile in known}


class CandidateDecision(StrictView):
    scope = {"POST": "identity:write"}

    @extend_schema(
        operation_id="candidates_decide",
        summary="Decide on a pair: one person, not the same, or later",
        tags=["identity"],
        parameters=[CANDIDATE_ID],
        request={"application/json": TO_DECIDE},
        responses={200: OUTCOME, **errors(404, 409, 415)},
    )
    def post(self, request: Request, candidate_id: str) -> Response:
        decision = Body.of(request, ("decision",)).fields.get("decision")
        if decision not in DECISIONS:
            raise ValidationError({"decision": f"One of {', '.join(DECISIONS)}."})
        pk = number_or_404(candidate_id)
        if not Candidate.objects.filter(pk=pk).exists():
            raise NotFound("There is no such pair.")
        try:
            made = review.decide(pk, Decision.Verdict(decision), by=doer_of(request), now=utc_now())
        except (review.AlreadyDecided, review.NotWaiting, NotPossible) as error:
            raise Conflict(str(error) or str(error.__doc__)) from error
        return Response(said_outcome(Outcome(made.merge_ids, made.profile_ids, made.separation_id)))
