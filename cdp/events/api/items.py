"""The API of the catalogue: items, many at once or one, and what each source calls them."""

import json
from typing import Any

from django.db import connection, transaction
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from cdp.accounts.models import Source
from cdp.common.api import StrictView, keyset_page
from cdp.common.api_fields import Link, Text, YesNo
from cdp.common.api_schema import LIMIT, TEXT, TIME, errors, listed, obj, paged
from cdp.events.items import CATALOGUE, ItemRow, add_aliases, upsert_items
from cdp.events.models import Item
from cdp.events.money import ISO_4217
from cdp.profiles.touched import touch_everybody

MOST = 1_000
LONGEST_ID = 200
PRICE: dict[str, Any] = {"type": ["string", "number", "null"], "description": "As a string, such as 12.50."}
FIELDS: dict[str, Any] = {
    "name": TEXT,
    "category": TEXT,
    "brand": TEXT,
    "currency": TEXT | {"description": "A code of ISO 4217."},
    "url": TEXT,
    "image_url": TEXT,
    "is_in_stock": {"type": "boolean"},
    "attributes": {"type": "object", "additionalProperties": {}},
}
ITEM = obj(id=TEXT, price=PRICE, **FIELDS, created_at=TIME, updated_at=TIME)
CHANGES = {"type": "object", "properties": {"price": PRICE, **FIELDS}, "additionalProperties": False}
NEW = {
    **CHANGES,
    "properties": {"id": TEXT | {"minLength": 1, "maxLength": LONGEST_ID}, "price": PRICE, **FIELDS},
    "required": ["id"],
}
ITEMS = obj(items=listed(NEW) | {"minItems": 1, "maxItems": MOST}) | {"additionalProperties": False}
ALIAS = obj(alias=TEXT | {"minLength": 1, "maxLength": LONGEST_ID}, item=TEXT | {"minLength": 1})
ALIASES = obj(source=TEXT, aliases=listed(ALIAS) | {"minItems": 1, "maxItems": MOST})
COUNT = {"type": "integer"}
WHICH = OpenApiParameter("item_id", str, OpenApiParameter.PATH, description="The item's id.")


class ItemSerializer(serializers.Serializer[Item]):
    id = Text(max_length=LONGEST_ID)
    name = Text(max_length=1_000, required=False, allow_blank=True)
    category = Text(max_length=500, required=False, allow_blank=True)
    brand = Text(max_length=500, required=False, allow_blank=True)
    price = serializers.DecimalField(max_digits=14, decimal_places=2, min_value=0, required=False, allow_null=True)
    currency = Text(max_length=3, required=False, allow_blank=True)
    url = Link(max_length=1_000, required=False, allow_blank=True)
    image_url = Link(max_length=1_000, required=False, allow_blank=True)
    is_in_stock = YesNo(required=False)
    attributes = serializers.DictField(required=False)

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and (unknown := sorted(set(map(str, data)) - set(self.fields))):
            raise serializers.ValidationError(dict.fromkeys(unknown, "An item has no such field."))
        return super().to_internal_value(data)

    def validate_currency(self, value: str) -> str:
        if value and value.upper() not in ISO_4217:
            raise serializers.ValidationError("This is not a currency code of ISO 4217, such as EUR.")
        return value.upper()

    def validate_attributes(self, value: dict[str, Any]) -> dict[str, Any]:
        text = json.dumps(value)
        if "\\u0000" in text or "\\ud8" in text or "\\udc" in text:
            raise serializers.ValidationError("Text must not hold NUL or halves of characters.")
        return value


class ItemFilter(filters.FilterSet):  # type: ignore[misc]
    category = filters.CharFilter("category", max_length=500)
    brand = filters.CharFilter("brand", max_length=500)
    name = filters.CharFilter("name", "icontains", max_length=200)


def said(item: Item) -> dict[str, Any]:
    return {
        "id": item.pk,
        "name": item.name,
        "category": item.category,
        "brand": item.brand,
        "price": None if item.price is None else str(item.price),
        "currency": item.currency,
        "url": item.url,
        "image_url": item.image_url,
        "is_in_stock": item.is_in_stock,
        "attributes": item.attributes,
        "created_at": item.created_at,
        "updated_at": item.updated_at,
    }


class Items(StrictView):
    scope = {"GET": "items:read", "POST": "items:write"}

    @property
    def parameters(self) -> frozenset[str]:  # type: ignore[override]
        reads = self.request.method in ("GET", "HEAD")
        return frozenset({*ItemFilter.base_filters, "limit", "after"}) if reads else frozenset()

    @extend_schema(
        operation_id="items_list",
        summary="The catalogue, by id",
        tags=["catalogue"],
        parameters=[
            OpenApiParameter("category", str),
            OpenApiParameter("brand", str),
            OpenApiParameter("name", str, description="Part of the name."),
            OpenApiParameter("limit", LIMIT),
            OpenApiParameter("after", str, description="Where the page begins: follow `next`."),
        ],
        responses={200: paged(ITEM), **errors()},
    )
    def get(self, request: Request) -> Response:
        found = ItemFilter(request.query_params, queryset=Item.objects.all())
        if not found.is_valid():
            raise ValidationError(found.errors)
        return keyset_page(found.qs, request, order=("id",), said=said)

    @extend_schema(
        operation_id="items_upsert",
        summary=f"Create or update up to {MOST:,} items",
        description="What is left out stays as it is; `attributes` are added to those known.",
        tags=["catalogue"],
        request={"application/json": ITEMS},
        responses={200: obj(created=COUNT, updated=COUNT), **errors(413, 415)},
    )
    def post(self, request: Request) -> Response:
        rows = [_row(one, f"items.{index}") for index, one in enumerate(_listed(request.data, "items"))]
        with transaction.atomic(), connection.cursor() as cursor:
            created, updated = upsert_items(cursor, rows, now=timezone.now())
        return Response({"created": created, "updated": updated})


class OneItem(StrictView):
    scope = {"GET": "items:read", "PATCH": "items:write", "DELETE": "items:write"}

    @extend_schema(
        operation_id="items_read", summary="One item", tags=["catalogue"], parameters=[WHICH],
        responses={200: ITEM, **errors(404)},
    )  # fmt: skip
    def get(self, request: Request, item_id: str) -> Response:
        return Response(said(_known(item_id)))

    @extend_schema(
        operation_id="items_change", summary="Change an item", tags=["catalogue"], parameters=[WHICH],
        request={"application/json": CHANGES}, responses={200: ITEM, **errors(404, 413, 415)},
    )  # fmt: skip
    def patch(self, request: Request, item_id: str) -> Response:
        _known(item_id)
        if not isinstance(request.data, dict) or "id" in request.data:
            raise ValidationError("The body must be an object with the fields to change, without the id.")
        row = _row({**request.data, "id": item_id}, "")
        with transaction.atomic(), connection.cursor() as cursor:
            upsert_items(cursor, [row], now=timezone.now())
        return Response(said(_known(item_id)))

    @extend_schema(
        operation_id="items_delete", summary="Take an item out of the catalogue",
        description="Events keep its id.", tags=["catalogue"], parameters=[WHICH],
        responses={204: None, **errors(404)},
    )  # fmt: skip
    def delete(self, request: Request, item_id: str) -> Response:
        found = _known(item_id)
        with transaction.atomic(), connection.cursor() as cursor:
            found.delete()
            if found.category or found.brand:
                touch_everybody(cursor, [CATALOGUE], now=timezone.now())
        return Response(status=204)


class Aliases(StrictView):
    scope = {"POST": "items:write"}

    @extend_schema(
        operation_id="items_alias",
        summary=f"Say what a source calls up to {MOST:,} items",
        description="Its events from then on speak of the catalogue's items.",
        tags=["catalogue"],
        request={"application/json": ALIASES | {"additionalProperties": False}},
        responses={200: obj(said=COUNT), **errors(413, 415)},
    )
    def post(self, request: Request) -> Response:
        pairs = [_pair(one, f"aliases.{index}") for index, one in enumerate(_listed(request.data, "aliases"))]
        name = dict(request.data).get("source")
        source = Source.objects.filter(name=name).first() if isinstance(name, str) and "\0" not in name else None
        if source is None:
            raise ValidationError({"source": "There is no source of that name."})
        known = set(Item.objects.filter(pk__in={item for _, item in pairs}).values_list("pk", flat=True))
        for index, (_, item) in enumerate(pairs):
            if item not in known:
                raise ValidationError({f"aliases.{index}.item": "There is no such item."})
        with transaction.atomic(), connection.cursor() as cursor:
            return Response({"said": add_aliases(cursor, source.pk, pairs)})


def _known(item_id: str) -> Item:
    return get_object_or_404(Item, pk=item_id.replace("\0", "�"))


def _listed(body: Any, name: str) -> list[Any]:
    given = body.get(name) if isinstance(body, dict) else None
    if not isinstance(given, list) or not 1 <= len(given) <= MOST:
        raise ValidationError({name: f"A list of 1 to {MOST:,}; send more in the next request."})
    if extra := sorted(set(map(str, body)) - {name, "source"}):
        raise ValidationError(dict.fromkeys(extra, "There is no such field."))
    return given


def _row(given: Any, place: str) -> ItemRow:
    found = ItemSerializer(data=given)
    if not found.is_valid():
        raise ValidationError({place: found.errors} if place else found.errors)
    return ItemRow(**found.validated_data)


class PairSerializer(serializers.Serializer[Any]):
    alias = Text(max_length=LONGEST_ID)
    item = Text(max_length=LONGEST_ID)


def _pair(given: Any, place: str) -> tuple[str, str]:
    found = PairSerializer(data=given)
    if not found.is_valid():
        raise ValidationError({place: found.errors})
    return found.validated_data["alias"], found.validated_data["item"]
