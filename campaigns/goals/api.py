"""The API of goals: how far each is."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.goals import words
from campaigns.goals.against import against
from campaigns.goals.measure import Measured
from campaigns.goals.page import line_of, with_counts
from campaigns.models import Goal
from campaigns.policy import policy
from cdp.common.api import StrictView, keyset_page
from cdp.common.api_schema import TEXT, TIME, errors, obj, paged
from cdp.common.clock import utc_now
from identity.api.parts import PAGE, number_or_404

COUNT: dict[str, Any] = {"type": "integer"}
NUMBER: dict[str, Any] = {"type": "number"}
MAYBE_NUMBER: dict[str, Any] = {"type": ["number", "null"]}
MAYBE_TIME: dict[str, Any] = {"type": ["string", "null"], "format": "date-time"}
MAYBE_RULE: dict[str, Any] = {"type": ["object", "null"], "additionalProperties": {}}
STATES = ("active", "archived")
CONTROL = obj(
    control_people=COUNT,
    control_mean=NUMBER,
    others_people=COUNT,
    others_mean=NUMBER,
    difference=MAYBE_NUMBER,
    low=MAYBE_NUMBER,
    high=MAYBE_NUMBER,
    problem=TEXT | {"description": "Why no difference is told; else empty."},
)
GOAL = obj(
    id=COUNT,
    name=TEXT,
    counted=TEXT | {"description": "What is counted, in words."},
    metric={"type": "string", "enum": list(Goal.Metric.values)},
    params={"type": "object", "additionalProperties": {}},
    population=MAYBE_RULE | {"description": "A rule; null: everybody."},
    direction={"type": "string", "enum": list(Goal.Direction.values)},
    target=NUMBER,
    starts_at=TIME,
    ends_at=TIME,
    value=MAYBE_NUMBER,
    as_of=MAYBE_TIME,
    people={"type": ["integer", "null"], "description": "Of the population, at the last count."},
    state=TEXT,
    reached_at=MAYBE_TIME,
    archived_at=MAYBE_TIME,
    against_control={"anyOf": [CONTROL, {"type": "null"}]},
)
SAME = ("id", "name", "metric", "params", "population", "direction", "target")
TIMES = ("starts_at", "ends_at", "reached_at", "archived_at")


def said(goal: Any) -> dict[str, Any]:
    line = line_of(goal, now=utc_now())
    times = {name: getattr(goal, name) for name in TIMES}
    measured = Measured.from_json(goal.last_figures) if goal.last_figures else None
    return {
        **{name: getattr(goal, name) for name in SAME},
        **{name: moment.isoformat() if moment else None for name, moment in times.items()},
        "counted": words.counted(goal),
        "value": line.value,
        "as_of": line.at.isoformat() if line.at else None,
        "people": measured.all.people if measured else None,
        "state": str(line.standing.state),
        "against_control": _compared(goal, measured) if measured else None,
    }


def _compared(goal: Goal, measured: Measured) -> dict[str, Any]:
    found = against(goal, measured, share=policy().control_percent)
    effect = found.effect
    return {
        "control_people": found.control.n,
        "control_mean": found.control.mean,
        "others_people": found.others.n,
        "others_mean": found.others.mean,
        "difference": effect.value if effect else None,
        "low": effect.low if effect else None,
        "high": effect.high if effect else None,
        "problem": found.problem,
    }


class Goals(StrictView):
    scope = {"GET": "campaigns:read"}
    parameters = frozenset({"limit", "after", "state"})

    @extend_schema(
        operation_id="goals_list",
        summary="Goals, by id, with their last count",
        tags=["campaigns"],
        parameters=[
            OpenApiParameter("state", str, enum=list(STATES), description="`active`, if left out."),
            *PAGE,
        ],
        responses={200: paged(GOAL), **errors()},
    )
    def get(self, request: Request) -> Response:
        state = request.query_params.get("state", "active")
        if state not in STATES:
            raise ValidationError({"state": f"One of {', '.join(STATES)}."})
        rows = with_counts(Goal.objects.filter(archived_at__isnull=state == "active"))
        return keyset_page(rows, request, order=("id",), said=said)


class OneGoal(StrictView):
    scope = {"GET": "campaigns:read"}

    @extend_schema(
        operation_id="goals_read",
        summary="A goal: how far it is, and against the control group",
        tags=["campaigns"],
        parameters=[OpenApiParameter("number", str, OpenApiParameter.PATH, description="The goal's number.")],
        responses={200: GOAL, **errors(404)},
    )
    def get(self, request: Request, number: str) -> Response:
        found = with_counts(Goal.objects.filter(pk=number_or_404(number))).first()
        if found is None:
            raise NotFound("There is no such goal.")
        return Response(said(found))
