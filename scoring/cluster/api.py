"""The API of clusterings: which there are, and the clusters of each. Who is in one is asked by a segment of it."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from cdp.common.api import StrictView, keyset_page
from cdp.common.api_schema import TEXT, errors, listed, obj, paged
from identity.api.parts import PAGE, number_or_404
from scoring.cluster.leaf import rule_of
from scoring.models import Cluster, Clustering

COUNT: dict[str, Any] = {"type": "integer"}
NUMBER: dict[str, Any] = {"type": "number"}
MAYBE_NUMBER: dict[str, Any] = {"type": ["number", "null"]}
MAYBE_TIME: dict[str, Any] = {"type": ["string", "null"], "format": "date-time"}
FIGURE = obj(
    feature=TEXT,
    says=TEXT,
    unit=TEXT,
    mean=NUMBER,
    of_all=NUMBER,
    apart=NUMBER | {"description": "By how many standard deviations of everybody it differs."},
)
CLUSTER = obj(
    id=COUNT,
    name=TEXT,
    size=COUNT,
    says=TEXT | {"description": "What sets its people apart."},
    stability=MAYBE_NUMBER | {"description": "Share of it that is found again with other people, 0 to 1."},
    figures=listed(FIGURE),
    rule={
        "type": "object",
        "additionalProperties": {},
        "description": "For a segment of its people: `POST /api/segments`.",
    },
)
CLUSTERING = obj(
    id=COUNT,
    name=TEXT,
    method={"type": "string", "enum": list(Clustering.Method.values)},
    features=listed(TEXT),
    people=COUNT,
    schedule=TEXT,
    ran_at=MAYBE_TIME,
    due_at=MAYBE_TIME,
    problem=TEXT | {"description": "Why the last run found nothing; empty if it did."},
    clusters=listed(CLUSTER),
)
WHICH = OpenApiParameter("number", str, OpenApiParameter.PATH, description="The clustering's id.")


class Clusterings(StrictView):
    scope = "scores:read"
    parameters = frozenset({"limit", "after"})

    @extend_schema(
        operation_id="clusterings_list",
        summary="Clusterings with their clusters, by id",
        tags=["clusters"],
        parameters=PAGE,
        responses={200: paged(CLUSTERING), **errors()},
    )
    def get(self, request: Request) -> Response:
        return keyset_page(Clustering.objects.filter(archived_at=None), request, order=("id",), said=said)


class OneClustering(StrictView):
    scope = "scores:read"

    @extend_schema(
        operation_id="clusterings_read",
        summary="A clustering with its clusters",
        tags=["clusters"],
        parameters=[WHICH],
        responses={200: CLUSTERING, **errors(404)},
    )
    def get(self, request: Request, number: str) -> Response:
        found = Clustering.objects.filter(pk=number_or_404(number), archived_at=None).first()
        if found is None:
            raise NotFound("There is no such clustering.")
        return Response(said(found))


def said(clustering: Clustering) -> dict[str, Any]:
    told = {name: getattr(clustering, name) for name in CLUSTERING["properties"] if name != "clusters"}
    clusters = Cluster.objects.filter(clustering=clustering, is_gone=False).order_by("-size", "id")
    steady = clustering.quality.get("bootstrap", {})
    return {**told, "clusters": [_cluster(one, steady.get(str(one.pk))) for one in clusters]}


def _cluster(cluster: Cluster, steady: float | None) -> dict[str, Any]:
    figures = [
        {"feature": one["name"], **{name: one[name] for name in ("says", "unit", "mean", "of_all", "apart")}}
        for one in cluster.figures
    ]
    return {
        "id": cluster.pk,
        "name": cluster.name,
        "size": cluster.size,
        "says": cluster.says,
        "stability": steady,
        "figures": figures,
        "rule": rule_of(cluster),
    }
