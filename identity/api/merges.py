"""The API of merges: the ledger, merging, un-merging, splitting, and what must stay apart."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Q
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from cdp.common.api import Conflict, StrictView, keyset_page
from cdp.common.api_schema import TEXT, TIME, errors, listed, obj, paged
from cdp.common.clock import utc_now
from cdp.events.api.people import WHO, person_or_404
from cdp.profiles.find import NoSuchPerson, by_any
from cdp.profiles.models import Record
from identity import by_hand
from identity.api.parts import (
    ANY_OBJECT,
    BOOL,
    COUNT,
    DRY_RUN,
    OUTCOME,
    PAGE,
    UUID_SCHEMA,
    Body,
    doer_of,
    number_or_404,
    said_outcome,
    said_trial,
    uuids,
)
from identity.by_hand import NotPossible, Outcome
from identity.effects import trial
from identity.models import Apart, Merge, Separation

MOST_RECORDS = 1_000
MERGE = obj(
    id=COUNT,
    verb={"type": "string", "enum": list(Merge.Verb.values)},
    how={"type": "string", "enum": list(Merge.How.values)},
    winner=UUID_SCHEMA | {"type": ["string", "null"]},
    loser=UUID_SCHEMA | {"type": ["string", "null"]},
    records=listed(COUNT),
    evidence=ANY_OBJECT,
    by=TEXT,
    at=TIME,
    undone_at={"type": ["string", "null"], "format": "date-time"},
)
SEPARATION = obj(id=COUNT, sides=listed(listed(UUID_SCHEMA)), records=listed(listed(COUNT)), by=TEXT, at=TIME)
PROFILES = listed(UUID_SCHEMA) | {"minItems": 2, "maxItems": by_hand.MOST_AT_ONCE}
TWO = listed(UUID_SCHEMA) | {"minItems": 2, "maxItems": 2}
STRICT = {"additionalProperties": False}
TO_MERGE = {"type": "object", "properties": {"profiles": PROFILES, "dry_run": DRY_RUN}, "required": ["profiles"]}
TO_PART = {"type": "object", "properties": {"profiles": TWO, "dry_run": DRY_RUN}, "required": ["profiles"]}
KEEP_APART = BOOL | {"default": True, "description": "They stay apart whatever is found later."}
TO_UNMERGE = {"type": "object", "properties": {"keep_apart": KEEP_APART, "dry_run": DRY_RUN}}
RECORDS = listed(COUNT) | {"minItems": 1, "maxItems": MOST_RECORDS}
TO_SPLIT = {"type": "object", "properties": {"records": RECORDS, "dry_run": DRY_RUN}, "required": ["records"]}
MERGE_ID = OpenApiParameter("merge_id", str, OpenApiParameter.PATH)
SEPARATION_ID = OpenApiParameter("separation_id", str, OpenApiParameter.PATH)


def carried_out(change: Callable[[], Outcome], *, dry_run: bool, profile_ids: Sequence[int]) -> Response:
    """Does it, or tries it and takes it back. What cannot be done is a 409 with the reason."""
    try:
        if dry_run:
            return Response(said_trial(trial(change, profile_ids=profile_ids, now=utc_now())))
        return Response(said_outcome(change()))
    except NotPossible as error:
        raise Conflict(str(error)) from error


class LedgerFilter(filters.FilterSet):  # type: ignore[misc]
    verb = filters.ChoiceFilter(choices=Merge.Verb.choices)
    how = filters.ChoiceFilter(choices=Merge.How.choices)
    profile = filters.CharFilter(method="by_profile", max_length=600)
    since = filters.IsoDateTimeFilter("at", "gte")
    until = filters.IsoDateTimeFilter("at", "lt")

    def by_profile(self, rows: Any, name: str, text: str) -> Any:
        try:
            profile = by_any(text).pk
        except NoSuchPerson as error:
            raise ValidationError({"profile": "Nobody is known by that."}) from error
        return rows.filter(Q(winner_id=profile) | Q(loser_id=profile))


class Merges(StrictView):
    scope = {"GET": "identity:read", "POST": "identity:write"}

    @property
    def parameters(self) -> frozenset[str]:  # type: ignore[override]
        reads = self.request.method in ("GET", "HEAD")
        return frozenset({*LedgerFilter.base_filters, "limit", "after"}) if reads else frozenset()

    @extend_schema(
        operation_id="merges_list",
        summary="The ledger: who was merged, parted or given records, newest first",
        tags=["identity"],
        parameters=[
            OpenApiParameter("verb", str, enum=list(Merge.Verb.values)),
            OpenApiParameter("how", str, enum=list(Merge.How.values)),
            OpenApiParameter("profile", str, description="Profile id or `namespace:value`: on either side."),
            OpenApiParameter("since", TIME),
            OpenApiParameter("until", TIME),
            *PAGE,
        ],
        responses={200: paged(MERGE), **errors()},
    )
    def get(self, request: Request) -> Response:
        found = LedgerFilter(request.query_params, queryset=Merge.objects.all())
        if not found.is_valid():
            raise ValidationError(found.errors)
        answer = keyset_page(found.qs, request, order=("-at", "-id"), said=_said)
        known = uuids(one[side] for one in answer.data["results"] for side in ("winner", "loser"))
        for one in answer.data["results"]:
            one |= {side: known.get(one[side]) for side in ("winner", "loser")}
        return answer

    @extend_schema(
        operation_id="merges_make",
        summary="Make several people one",
        description="A word that kept them apart is taken back. The dry run tells traits, segments and consent after.",
        tags=["identity"],
        request={"application/json": TO_MERGE | STRICT},
        responses={200: OUTCOME, **errors(409, 415)},
    )
    def post(self, request: Request) -> Response:
        body = Body.of(request, ("profiles", "dry_run"))
        ids = [one.pk for one in body.people(least=2, most=by_hand.MOST_AT_ONCE)]
        by, now = doer_of(request), utc_now()
        return carried_out(
            lambda: by_hand.merge_profiles(ids, by=by, now=now), dry_run=body.flag("dry_run"), profile_ids=ids
        )


def _said(one: Merge) -> dict[str, Any]:
    return {
        "id": one.pk,
        "verb": one.verb,
        "how": one.how,
        "winner": one.winner_id,
        "loser": one.loser_id,
        "records": one.record_ids,
        "evidence": one.evidence,
        "by": one.by,
        "at": one.at,
        "undone_at": one.undone_at,
    }


class Unmerge(StrictView):
    scope = {"POST": "identity:write"}

    @extend_schema(
        operation_id="merges_undo",
        summary="Un-merge: both people are as if it had not been",
        tags=["identity"],
        parameters=[MERGE_ID],
        request={"application/json": TO_UNMERGE | STRICT},
        responses={200: OUTCOME, **errors(404, 409, 415)},
    )
    def post(self, request: Request, merge_id: str) -> Response:
        body = Body.of(request, ("keep_apart", "dry_run"))
        merge = Merge.objects.filter(pk=number_or_404(merge_id)).first()
        if merge is None:
            raise NotFound("There is no such merge.")
        apart, by, now = body.flag("keep_apart", otherwise=True), doer_of(request), utc_now()
        return carried_out(
            lambda: by_hand.unmerge(merge.pk, by=by, now=now, keep_apart=apart),
            dry_run=body.flag("dry_run"),
            profile_ids=_holders(merge.record_ids),
        )


def _holders(record_ids: Sequence[int]) -> list[int]:
    return sorted(set(Record.objects.filter(pk__in=record_ids).values_list("profile_id", flat=True)))


class Split(StrictView):
    scope = {"POST": "identity:write"}

    @extend_schema(
        operation_id="profiles_split",
        summary="Records of a person become a person of their own, and stay apart",
        tags=["identity"],
        parameters=[WHO],
        request={"application/json": TO_SPLIT | STRICT},
        responses={200: OUTCOME, **errors(404, 409, 415)},
    )
    def post(self, request: Request, who: str) -> Response:
        profile = person_or_404(who)
        body = Body.of(request, ("records", "dry_run"))
        records = body.numbers("records", most=MOST_RECORDS)
        if Record.objects.filter(pk__in=records, profile_id=profile.pk).count() != len(set(records)):
            raise ValidationError({"records": "These are not all records of this person."})
        by, now = doer_of(request), utc_now()
        return carried_out(
            lambda: by_hand.split(records, by=by, now=now), dry_run=body.flag("dry_run"), profile_ids=[profile.pk]
        )


class Separations(StrictView):
    scope = {"GET": "identity:read", "POST": "identity:write"}

    @property
    def parameters(self) -> frozenset[str]:  # type: ignore[override]
        return frozenset({"limit", "after"}) if self.request.method in ("GET", "HEAD") else frozenset()

    @extend_schema(
        operation_id="separations_list",
        summary="Who must never become one person, newest first",
        tags=["identity"],
        parameters=PAGE,
        responses={200: paged(SEPARATION), **errors()},
    )
    def get(self, request: Request) -> Response:
        answer = keyset_page(Separation.objects.all(), request, order=("-id",), said=_said_separation)
        _put_sides(answer.data["results"])
        return answer

    @extend_schema(
        operation_id="separations_make",
        summary="Keep two people apart, whatever is found later",
        tags=["identity"],
        request={"application/json": TO_PART | STRICT},
        responses={200: OUTCOME, **errors(409, 415)},
    )
    def post(self, request: Request) -> Response:
        body = Body.of(request, ("profiles", "dry_run"))
        one, other = (found.pk for found in body.people(least=2, most=2))
        by, now = doer_of(request), utc_now()
        return carried_out(
            lambda: by_hand.keep_apart((one, other), by=by, now=now),
            dry_run=body.flag("dry_run"),
            profile_ids=[one, other],
        )


class OneSeparation(StrictView):
    scope = {"DELETE": "identity:write"}

    @extend_schema(
        operation_id="separations_undo",
        summary="Take a separation back; what it parted comes together again",
        tags=["identity"],
        parameters=[SEPARATION_ID],
        responses={200: OUTCOME, **errors(404, 409)},
    )
    def delete(self, request: Request, separation_id: str) -> Response:
        pk = number_or_404(separation_id)
        if not Separation.objects.filter(pk=pk).exists():
            raise NotFound("There is no such separation.")
        by, now = doer_of(request), utc_now()
        return carried_out(lambda: by_hand.undo_keep_apart(pk, by=by, now=now), dry_run=False, profile_ids=[])


def _said_separation(one: Separation) -> dict[str, Any]:
    return {"id": one.pk, "sides": [[], []], "records": [[], []], "by": one.by, "at": one.at}


def _put_sides(found: Sequence[dict[str, Any]]) -> None:
    by_id = {one["id"]: one for one in found}
    members = list(Apart.objects.filter(separation__in=by_id).order_by("record_id"))
    holder = dict(Record.objects.filter(pk__in=[row.record_id for row in members]).values_list("pk", "profile_id"))
    known = uuids(holder.values())
    for row in members:
        one = by_id[row.separation_id]
        one["records"][row.side].append(row.record_id)
        person = known.get(holder.get(row.record_id, 0))
        if person and person not in one["sides"][row.side]:
            one["sides"][row.side].append(person)
