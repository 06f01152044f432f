"""The API of items for a person, and of items that go with an item."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from cdp.common.api import StrictView
from cdp.common.api_schema import TEXT, errors, listed, obj
from cdp.events.api.items import WHICH
from cdp.events.api.people import WHO
from cdp.events.models import Item
from cdp.profiles.find import NoSuchPerson, by_any
from scoring.item_models import ItemNeighbours
from scoring.recommend.shown import MOST, Filters, Show, Shown, items_for, items_like
from segments.models import Segment

KINDS = [kind.value for kind in Show]
LIKE_KINDS = [str(kind) for kind in ItemNeighbours.Kind.values]
FALLBACKS = ["popular", "none"]
FILLED = (Show.RECOMMENDED, Show.SIMILAR, Show.TOGETHER)
"""Filled up with what is popular unless told otherwise."""
NOBODY = 0
SHOWN = obj(
    id=TEXT,
    name=TEXT,
    image=TEXT,
    link=TEXT,
    price={"type": ["string", "null"]},
    currency=TEXT,
    category=TEXT,
    brand=TEXT,
    reason=TEXT | {"description": "Why, in words about the person."},
    because=TEXT | {"description": "Why, as a word: similar, together, own, again, brand, category, popular, …"},
    because_of={"type": ["string", "null"], "description": "The id of the item that led to it."},
    confidence={
        "type": "number",
        "minimum": 0,
        "maximum": 1,
        "description": "How likely the person comes to the item within four weeks; of similar items: how strong.",
    },
    is_fallback={"type": "boolean", "description": "Popular, because too little is known to say more."},
)
ANSWER = obj(results=listed(SHOWN))
YES_NO: dict[str, Any] = {"type": "boolean"}
PRICE: dict[str, Any] = {"type": "string", "description": "Such as 12.50."}


def _parameters(kinds: list[str], default: str) -> list[OpenApiParameter]:
    return [
        OpenApiParameter("kind", {"type": "string", "enum": kinds, "default": default}),
        OpenApiParameter("limit", {"type": "integer", "minimum": 1, "maximum": MOST, "default": 4}),
        OpenApiParameter("category", str),
        OpenApiParameter("brand", str),
        OpenApiParameter("price_from", PRICE),
        OpenApiParameter("price_to", PRICE),
        OpenApiParameter("in_stock", YES_NO | {"default": True}, description="`false` also shows what is sold out."),
    ]


class FilterQuery(serializers.Serializer[dict[str, object]]):
    limit = serializers.IntegerField(min_value=1, max_value=MOST, required=False)
    category = serializers.CharField(max_length=500, required=False, trim_whitespace=False)
    brand = serializers.CharField(max_length=500, required=False, trim_whitespace=False)
    price_from = serializers.DecimalField(max_digits=14, decimal_places=2, min_value=0, required=False)
    price_to = serializers.DecimalField(max_digits=14, decimal_places=2, min_value=0, required=False)
    in_stock = serializers.ChoiceField(["true", "false"], required=False)
    fallback = serializers.ChoiceField(FALLBACKS, required=False)

    def filters(self, *, has_fallback: bool, **more: Any) -> Filters:
        given = self.validated_data
        chosen = {name: given[name] for name in ("category", "brand", "price_from", "price_to") if name in given}
        fallback = given["fallback"] == "popular" if "fallback" in given else has_fallback
        return Filters(in_stock=given.get("in_stock") != "false", has_fallback=fallback, **chosen, **more)


class PersonQuery(FilterQuery):
    kind = serializers.ChoiceField(KINDS, required=False)
    segment = serializers.IntegerField(min_value=1, max_value=2**62, required=False)
    unseen = serializers.ChoiceField(["true", "false"], required=False)

    def validate_segment(self, value: int) -> int:
        if not Segment.objects.filter(pk=value).exists():
            raise serializers.ValidationError("There is no such segment. GET /api/segments lists them.")
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "segment" in attrs and attrs.get("kind") != Show.POPULAR:
            raise serializers.ValidationError({"segment": "A segment is for kind=popular only."})
        return attrs


class LikeQuery(FilterQuery):
    kind = serializers.ChoiceField(LIKE_KINDS, required=False)


class PersonItems(StrictView):
    scope = "scores:read"
    parameters = frozenset(PersonQuery().fields)

    @extend_schema(
        operation_id="profiles_items",
        summary="Items for a person",
        description=(
            "What the person did a second ago counts already. `recommended`, `similar` and `together` are filled up"
            " with what is popular (`is_fallback`), unless `fallback=none`. Somebody unknown is an error, unless"
            " `fallback=popular` is asked for: then the answer is what is popular."
        ),
        tags=["scores"],
        parameters=[
            WHO,
            *_parameters(KINDS, Show.RECOMMENDED.value),
            OpenApiParameter("segment", {"type": "integer"}, description="Of kind `popular`: popular in this segment."),
            OpenApiParameter("unseen", YES_NO, description="Nothing that the person has already looked at."),
            OpenApiParameter("fallback", {"type": "string", "enum": FALLBACKS}),
        ],
        responses={200: ANSWER, **errors(404)},
    )
    def get(self, request: Request, who: str) -> Response:
        query = PersonQuery(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        given = query.validated_data
        kind = Show(given.get("kind", Show.RECOMMENDED.value))
        filters = query.filters(
            has_fallback=kind in FILLED,
            segment_id=given.get("segment"),
            leaves_out_seen=given.get("unseen") == "true",
        )
        profile_id = _person(who, is_lenient=given.get("fallback") == "popular")
        found = items_for([profile_id], kind=kind, limit=given.get("limit", 4), now=timezone.now(), filters=filters)
        return Response({"results": [said(one) for one in found[profile_id]]})


class ItemsLike(StrictView):
    scope = "scores:read"
    parameters = frozenset(LikeQuery().fields)

    @extend_schema(
        operation_id="items_similar",
        summary="Items that go with an item",
        description=(
            "`similar`: looked at by the same people; `together`: bought in the same order; `after`: of another"
            " category, bought next. Filled up with what is popular (`is_fallback`), unless `fallback=none`."
        ),
        tags=["catalogue"],
        parameters=[
            WHICH,
            *_parameters(LIKE_KINDS, "similar"),
            OpenApiParameter("fallback", {"type": "string", "enum": FALLBACKS}),
        ],
        responses={200: ANSWER, **errors(404)},
    )
    def get(self, request: Request, item_id: str) -> Response:
        query = LikeQuery(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        if "\0" in item_id or not Item.objects.filter(pk=item_id).exists():
            raise NotFound("There is no such item in the catalogue.")
        given = query.validated_data
        kind, limit = given.get("kind", "similar"), given.get("limit", 4)
        found = items_like(item_id, kind=kind, limit=limit, filters=query.filters(has_fallback=True))
        return Response({"results": [said(one) for one in found]})


def said(shown: Shown) -> dict[str, Any]:
    item = shown.item
    return {
        "id": item.id,
        "name": item.name,
        "image": item.image_url,
        "link": item.url,
        "price": None if item.price is None else str(item.price),
        "currency": item.currency,
        "category": item.category,
        "brand": item.brand,
        "reason": shown.reason,
        "because": shown.why,
        "because_of": shown.source,
        "confidence": shown.confidence,
        "is_fallback": shown.is_fallback,
    }


def _person(who: str, *, is_lenient: bool) -> int:
    try:
        return by_any(who).pk
    except NoSuchPerson as error:
        if is_lenient:
            return NOBODY
        raise NotFound("Nobody is known by that.") from error
