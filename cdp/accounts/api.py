"""The API of sources: read only; keys are never shown."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from cdp.accounts.models import Source
from cdp.common.api import StrictView
from cdp.common.api_schema import TEXT, TIME, errors, obj, paged

SOURCE = obj(
    id={"type": "integer"},
    name=TEXT,
    kind={"type": "string", "enum": Source.Kind.values},
    trust_rank={"type": "integer"},
    plan={"type": "string", "enum": Source.Plan.values},
    is_active={"type": "boolean"},
    created_at=TIME,
)


def as_said(source: Source) -> dict[str, Any]:
    return {name: getattr(source, name) for name in SOURCE["properties"]}


class Sources(StrictView):
    scope = "sources:read"

    @extend_schema(
        operation_id="sources_list",
        summary="Where data comes from",
        tags=["sources"],
        responses={200: paged(SOURCE), **errors()},
    )
    def get(self, request: Request) -> Response:
        rows = Source.objects.order_by("id")
        return Response({"results": [as_said(source) for source in rows], "next": None})
