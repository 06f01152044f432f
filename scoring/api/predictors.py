"""The API of predictors: what they predict, how good they are, and their versions."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from cdp.common.api import StrictView, keyset_page
from cdp.common.api_schema import LIMIT, TEXT, TIME, errors, listed, obj, paged
from identity.api.parts import number_or_404
from scoring.models import Predictor, ScoringRun, TrainedModel

COUNT: dict[str, Any] = {"type": "integer"}
YES_NO: dict[str, Any] = {"type": "boolean"}
MAYBE_COUNT: dict[str, Any] = {"type": ["integer", "null"]}
MAYBE_TIME: dict[str, Any] = {"type": ["string", "null"], "format": "date-time"}
ANY_OBJECT: dict[str, Any] = {"type": "object", "additionalProperties": {}}
MAYBE_RULE: dict[str, Any] = {"type": ["object", "null"], "additionalProperties": {}}
MOST_VERSIONS = 50
PREDICTOR = obj(
    id=COUNT,
    name=TEXT,
    kind={"type": "string", "enum": list(Predictor.Kind.values)},
    event_name=TEXT,
    target=MAYBE_RULE | {"description": "Of kind `rule`: what comes to hold."},
    population=MAYBE_RULE | {"description": "Who is asked about; null for everybody the kind makes sense for."},
    days=COUNT,
    traits=listed(TEXT),
    low_below=COUNT | {"type": "number"},
    high_from=COUNT | {"type": "number"},
    schedule=TEXT | {"description": "When everybody is scored: cron, in the deployment's time zone."},
    trains_every_days=COUNT,
    is_automatic=YES_NO,
    version=MAYBE_COUNT | {"description": "The id of the version in use; null until one proved useful."},
    scored_at=MAYBE_TIME,
    trained_at=MAYBE_TIME,
    due_at=MAYBE_TIME,
    problem=TEXT,
    created_at=TIME,
    archived_at=MAYBE_TIME,
)
VERSION = obj(
    id=COUNT,
    number=COUNT,
    estimator=TEXT,
    trained_at=TIME,
    as_of=TIME | {"description": "It knows nothing later."},
    is_useful=YES_NO,
    is_confident=YES_NO,
    is_simple=YES_NO,
    verdict=TEXT,
    quality=ANY_OBJECT | {"description": "Measured on a window that it never saw."},
)
RUN = obj(
    at=TIME,
    version=COUNT,
    people=COUNT,
    mean={"type": ["number", "null"]},
    bands={"type": "object", "additionalProperties": COUNT},
    changed=COUNT | {"description": "How many changed band."},
    is_drifted=YES_NO,
)
WHOLE = obj(
    **PREDICTOR["properties"],
    versions=listed(VERSION) | {"description": "The latest first."},
    latest_run={"anyOf": [RUN, {"type": "null"}]},
)
ID = OpenApiParameter("number", str, OpenApiParameter.PATH, description="The predictor's id.")


def said(one: Predictor) -> dict[str, Any]:
    same = [name for name in PREDICTOR["properties"] if name not in ("id", "version")]
    return {"id": one.pk, "version": one.active_id, **{name: getattr(one, name) for name in same}}


def _said_run(run: ScoringRun) -> dict[str, Any]:
    same = ("at", "people", "mean", "bands", "changed", "is_drifted")
    return {**{name: getattr(run, name) for name in same}, "version": run.model_id}


class Predictors(StrictView):
    scope = "scores:read"
    parameters = frozenset({"limit", "after"})

    @extend_schema(
        operation_id="predictors_list",
        summary="The predictors that are not archived, by id",
        tags=["predictions"],
        parameters=[
            OpenApiParameter("limit", LIMIT),
            OpenApiParameter("after", str, description="Where the page begins: follow `next`."),
        ],
        responses={200: paged(PREDICTOR), **errors()},
    )
    def get(self, request: Request) -> Response:
        return keyset_page(Predictor.objects.filter(archived_at=None), request, order=("id",), said=said)


class OnePredictor(StrictView):
    scope = "scores:read"

    @extend_schema(
        operation_id="predictors_read",
        summary="A predictor with its versions, how good each is, and the latest scoring of everybody",
        tags=["predictions"],
        parameters=[ID],
        responses={200: WHOLE, **errors(404)},
    )
    def get(self, request: Request, number: str) -> Response:
        found = Predictor.objects.filter(pk=number_or_404(number)).first()
        if found is None:
            raise NotFound("There is no such predictor.")
        versions = TrainedModel.objects.filter(predictor=found).defer("artefact", "reference").order_by("-id")
        run = ScoringRun.objects.filter(predictor=found).order_by("-at", "-id").first()
        return Response(
            {
                **said(found),
                "versions": [
                    {name: getattr(one, name) for name in VERSION["properties"]} for one in versions[:MOST_VERSIONS]
                ],
                "latest_run": None if run is None else _said_run(run),
            }
        )
