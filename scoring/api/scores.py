"""The API of one person's scores: as they are, why, and scored anew."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from cdp.common.api import StrictView
from cdp.common.api_schema import TEXT, TIME, errors, listed, obj, paged
from cdp.common.bell import ring
from cdp.common.clock import utc_now
from cdp.events.api.people import WHO, person_or_404
from scoring.models import Band, Predictor, Score
from scoring.predict import score_people
from scoring.reasons import Reason, Reasons, reasons_of
from segments import tasks as segment_tasks

NUMBER: dict[str, Any] = {"type": "number"}
MAYBE_TIME: dict[str, Any] = {"type": ["string", "null"], "format": "date-time"}
REASON = obj(
    feature=TEXT,
    words=TEXT | {"description": "A clause about the person: “ordered 3 times”."},
    value={"description": "What the words are made of; null where it is unknown."},
    adds=NUMBER | {"description": "In log-odds before calibration, of amounts in logarithms of money."},
)
REASONS = obj(
    base=NUMBER | {"description": "Log-odds of everybody. With all that raises, lowers and the rest: the person's."},
    raises=listed(REASON) | {"description": "Strongest first."},
    lowers=listed(REASON),
    rest=NUMBER | {"description": "Everything else, added up."},
)
SCORE = obj(
    predictor={"type": "integer"},
    name=TEXT,
    kind={"type": "string", "enum": list(Predictor.Kind.values)},
    value=NUMBER | {"description": "A probability; of `value` money; of `next_order` days from `scored_at` on."},
    percentile=NUMBER | {"description": "The share of people whose score is not higher, 0 to 100."},
    band={"type": "string", "enum": list(Band.values)},
    is_cold={"type": "boolean", "description": "Hardly more than a first event is known of the person."},
    expected_at=MAYBE_TIME | {"description": "Of `next_order`: the median; null where no order is expected."},
    earliest_at=MAYBE_TIME | {"description": "With four chances in five the order falls between this time …"},
    latest_at=MAYBE_TIME | {"description": "… and this one."},
    version={"type": "integer", "description": "The version's id: see `GET /api/predictors/{id}`."},
    scored_at=TIME,
)
SCORE["properties"]["reasons"] = REASONS | {"description": "With `?reasons=1`; not of cold scores and of dates."}


def said(score: Score, predictor: Predictor) -> dict[str, Any]:
    same = ("value", "percentile", "band", "is_cold", "expected_at", "earliest_at", "latest_at", "scored_at")
    return {
        "predictor": predictor.pk,
        "name": predictor.name,
        "kind": predictor.kind,
        **{name: getattr(score, name) for name in same},
        "version": score.model_id,
    }


def scores_of(profile_id: int, *, with_reasons: bool) -> dict[str, Any]:
    rows = Score.objects.filter(profile_id=profile_id).order_by("predictor_id")
    known = Predictor.objects.filter(archived_at=None).in_bulk([row.predictor_id for row in rows])
    reasons = reasons_of(profile_id, predictors=known) if with_reasons else {}
    told = [
        {**said(row, known[row.predictor_id]), **_with(reasons, row.predictor_id)}
        for row in rows
        if row.predictor_id in known
    ]
    return {"results": told, "next": None}


def _with(reasons: Mapping[int, Reasons], predictor_id: int) -> dict[str, Any]:
    found = reasons.get(predictor_id)
    if found is None:
        return {}
    told = {"raises": [_reason(one) for one in found.raises], "lowers": [_reason(one) for one in found.lowers]}
    return {"reasons": {"base": found.base, **told, "rest": found.rest}}


def _reason(one: Reason) -> dict[str, Any]:
    return {"feature": one.column, "words": one.words, "value": one.value, "adds": one.adds}


class OfPerson(StrictView):
    scope = {"GET": "scores:read", "POST": "scores:write"}

    @property
    def parameters(self) -> frozenset[str]:  # type: ignore[override]
        return frozenset({"reasons"})

    @extend_schema(
        operation_id="profiles_scores",
        summary="What predictors think of a person, as it stands",
        tags=["predictions"],
        parameters=[WHO, OpenApiParameter("reasons", str, enum=["0", "1"], description="Whether to say why.")],
        responses={200: paged(SCORE), **errors(404)},
    )
    def get(self, request: Request, who: str) -> Response:
        return Response(scores_of(person_or_404(who).pk, with_reasons=_wants_reasons(request)))

    @extend_schema(
        operation_id="profiles_score_now",
        summary="Score a person anew, from what is known now",
        description=(
            "By every predictor by which everybody was scored, with the same version. Who is not asked any more (see"
            " the predictor's people) loses the score. Segments and events follow as after a scoring of everybody."
        ),
        tags=["predictions"],
        parameters=[WHO, OpenApiParameter("reasons", str, enum=["0", "1"], description="Whether to say why.")],
        request=None,
        responses={200: paged(SCORE), **errors(404)},
    )
    def post(self, request: Request, who: str) -> Response:
        profile_id, with_reasons = person_or_404(who).pk, _wants_reasons(request)
        if score_people([profile_id], now=utc_now()):
            ring(segment_tasks.refresh)
        return Response(scores_of(profile_id, with_reasons=with_reasons))


def _wants_reasons(request: Request) -> bool:
    given = request.query_params.get("reasons", "0")
    if given not in ("0", "1"):
        raise ValidationError({"reasons": "0 or 1."})
    return given == "1"
