"""The API of webhooks: list, create, look at one, delete."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.models import Endpoint
from campaigns.webhooks import save
from campaigns.webhooks.checked import problems_of
from campaigns.webhooks.health import health_of
from campaigns.webhooks.kinds import DELIVERIES, KINDS, Wants
from cdp.common.api import StrictView, keyset_page
from cdp.common.api_fields import Strict, Text
from cdp.common.api_schema import LIMIT, TEXT, TIME, errors, listed, obj, paged
from cdp.common.clock import utc_now
from cdp.common.outbound import policy_by_settings
from identity.api.parts import doer_of, number_or_404

COUNT: dict[str, Any] = {"type": "integer"}
IDS = listed(COUNT) | {"description": "Empty: all of them."}
WANTS: dict[str, Any] = {
    "kinds": listed({"type": "string", "enum": list(KINDS)}),
    "segments": IDS,
    "predictors": IDS,
    "campaigns": IDS,
    "deliveries": listed({"type": "string", "enum": list(DELIVERIES)}) | {"description": "Empty: all of them."},
}
WEBHOOK = obj(
    id=COUNT,
    name=TEXT,
    url=TEXT,
    state={"type": "string", "enum": list(Endpoint.State.values)},
    disabled_because=TEXT,
    **WANTS,
    created_at=TIME,
    changed_at=TIME,
)
HEALTH = obj(delivered=COUNT, failed=COUNT, waiting=COUNT, dead=COUNT)
READ = obj(**WEBHOOK["properties"], last_24_h=HEALTH)
MADE = obj(**WEBHOOK["properties"], secret=TEXT | {"description": "Told only now: `whsec_…`."})
TO_MAKE = {
    "type": "object",
    "properties": {"name": {"type": "string", "maxLength": 120}, "url": {"type": "string", "maxLength": 2000}, **WANTS},
    "required": ["name", "url", "kinds"],
    "additionalProperties": False,
}
NUMBER = OpenApiParameter("number", COUNT, OpenApiParameter.PATH, description="The webhook's id.")


class Id(serializers.IntegerField):
    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, int) or isinstance(data, bool) or not 0 < data < 2**63:
            raise serializers.ValidationError("This must be an id.")
        return data


def _ids() -> serializers.ListField:
    return serializers.ListField(child=Id(), required=False, max_length=1_000)


def _texts(*, is_required: bool) -> serializers.ListField:
    return serializers.ListField(child=Text(max_length=40), required=is_required, max_length=20)


class WebhookBody(Strict):
    name = Text(max_length=120)
    url = Text(max_length=2_000)
    kinds = _texts(is_required=True)
    segments = _ids()
    predictors = _ids()
    campaigns = _ids()
    deliveries = _texts(is_required=False)


def _found(number: str) -> Endpoint:
    found = Endpoint.objects.filter(pk=number_or_404(number)).first()
    if found is None:
        raise NotFound("There is no such webhook.")
    return found


def said(endpoint: Endpoint) -> dict[str, Any]:
    wants = Wants.of(endpoint.wants)
    same = ("name", "url", "state", "disabled_because", "created_at", "changed_at")
    told = {name: getattr(endpoint, name) for name in same}
    return {"id": endpoint.pk, **told, **{name: sorted(getattr(wants, name)) for name in WANTS}}


class Webhooks(StrictView):
    scope = {"GET": "webhooks:read", "POST": "webhooks:write"}

    @property
    def parameters(self) -> frozenset[str]:  # type: ignore[override]
        return frozenset({"limit", "after"}) if self.request.method in ("GET", "HEAD") else frozenset()

    @extend_schema(
        operation_id="webhooks_list",
        summary="Webhooks, by id",
        tags=["webhooks"],
        parameters=[
            OpenApiParameter("limit", LIMIT),
            OpenApiParameter("after", str, description="Where the page begins: follow `next`."),
        ],
        responses={200: paged(WEBHOOK), **errors()},
    )
    def get(self, request: Request) -> Response:
        return keyset_page(Endpoint.objects.all(), request, order=("id",), said=said)

    @extend_schema(
        operation_id="webhooks_create",
        summary="Have an address told what happens from now on",
        description="The answer holds the `secret` that messages are signed with. It is never told again.",
        tags=["webhooks"],
        request={"application/json": TO_MAKE},
        responses={201: MADE, **errors(413, 415)},
    )
    def post(self, request: Request) -> Response:
        body = WebhookBody(data=request.data)
        body.is_valid(raise_exception=True)
        given = dict(body.validated_data)
        name, url = given.pop("name"), given.pop("url")
        plan = save.Plan(name, url, Wants(**{field: frozenset(some) for field, some in given.items()}))
        if problems := problems_of(plan, policy=policy_by_settings()):
            raise ValidationError(problems)
        made, secret = save.create(plan, by=save.Doer(None, doer_of(request)), now=utc_now())
        return Response({**said(made), "secret": secret}, status=201)


class OneWebhook(StrictView):
    scope = {"GET": "webhooks:read", "DELETE": "webhooks:write"}

    @extend_schema(
        operation_id="webhooks_read",
        summary="A webhook, and how the last day went",
        tags=["webhooks"],
        parameters=[NUMBER],
        responses={200: READ, **errors(404)},
    )
    def get(self, request: Request, number: str) -> Response:
        found = _found(number)
        health = health_of([found], now=utc_now())[found.pk]
        return Response({**said(found), "last_24_h": {name: getattr(health, name) for name in HEALTH["properties"]}})

    @extend_schema(
        operation_id="webhooks_delete",
        summary="Delete a webhook and its messages; what waits is never posted",
        tags=["webhooks"],
        parameters=[NUMBER],
        responses={204: None, **errors(404)},
    )
    def delete(self, request: Request, number: str) -> Response:
        save.delete(_found(number), by=save.Doer(None, doer_of(request)), now=utc_now())
        return Response(status=204)
