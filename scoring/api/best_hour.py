"""The API of best hours: when one person is best sent to."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from cdp.common.api import StrictView
from cdp.common.api_schema import TIME, errors, listed, obj
from cdp.common.clock import deployment_zone, utc_now
from cdp.events.api.people import WHO, person_or_404
from scoring.send_time import Whose, hour_of

NUMBER = {"type": "number"}
HOUR = {"type": ["integer", "null"], "minimum": 0, "maximum": 23}
BEST_HOUR = obj(
    hour=HOUR | {"description": "On the person's own clock (trait timezone), else the deployment's; null if unknown."},
    whose={"type": "string", "enum": [one.value for one in Whose]}
    | {"description": "Whose habit it is: the person's own, shrunk to their country's; the country's; nobody's."},
    own_share=NUMBER | {"description": "How much of it is the person's own habit, 0 to 1."},
    evidence=NUMBER | {"description": "What it rests on: clicks count 1, orders 0.75, opens and visits 0.5, fading."},
    lift=NUMBER | {"description": "Expected activity in that hour, relative to an hour by chance."},
    shares=listed(NUMBER) | {"description": "24 shares of activity by hour, which add up to 1."},
    computed_at=TIME,
)


class BestHour(StrictView):
    scope = "scores:read"

    @extend_schema(
        operation_id="profiles_best_hour",
        summary="When a person is best sent to, from all they did until now",
        tags=["scores"],
        parameters=[WHO],
        responses={200: BEST_HOUR, **errors(404)},
    )
    def get(self, request: Request, who: str) -> Response:
        now = utc_now()
        found = hour_of(person_or_404(who).pk, now=now, zone=deployment_zone())
        if found is None:
            return Response(_nothing() | {"computed_at": now})
        return Response(
            {
                "hour": found.hour,
                "whose": found.whose.value,
                "own_share": found.own_share,
                "evidence": found.evidence,
                "lift": found.lift,
                "shares": found.shares,
                "computed_at": found.computed_at,
            }
        )


def _nothing() -> dict[str, object]:
    return {"hour": None, "whose": Whose.NOBODY.value, "own_share": 0, "evidence": 0, "lift": 1, "shares": []}
