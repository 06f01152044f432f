"""/api/items: the catalogue over HTTP. One item by GET, PUT, PATCH, DELETE; many at once by POST."""

import json
from typing import Any

import django_filters
from django.db import connection, transaction
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view, inline_serializer
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response

from cdp.accounts.models import Source
from cdp.events.items import ItemRow, add_aliases, upsert_items
from cdp.events.models import Item
from cdp.events.money import ISO_4217

MOST = 1_000
LONGEST_ID = 200


class CurrencyField(serializers.CharField):
    def to_internal_value(self, data: Any) -> str:
        code = super().to_internal_value(data).upper()
        if code and code not in ISO_4217:
            raise serializers.ValidationError("This is not a currency code of ISO 4217, such as EUR.")
        return code


class ItemSerializer(serializers.ModelSerializer[Item]):
    """What is left out stays as it is; `attributes` are added to those known."""

    id = serializers.RegexField(r"^[^\x00/]+$", max_length=LONGEST_ID)
    name = serializers.CharField(max_length=1_000, required=False, allow_blank=True)
    category = serializers.CharField(max_length=500, required=False, allow_blank=True)
    brand = serializers.CharField(max_length=500, required=False, allow_blank=True)
    currency = CurrencyField(max_length=3, required=False, allow_blank=True)
    attributes = serializers.DictField(required=False)

    class Meta:
        model = Item
        fields = (
            "id",
            "name",
            "category",
            "brand",
            "price",
            "currency",
            "url",
            "image_url",
            "is_in_stock",
            "attributes",
            "created_at",
            "updated_at",
        )
        read_only_fields = ("created_at", "updated_at")
        extra_kwargs = {"price": {"min_value": 0, "required": False}}

    def validate_attributes(self, value: dict[str, Any]) -> dict[str, Any]:
        if "\\u0000" in json.dumps(value):
            raise serializers.ValidationError("Text must not contain the character NUL.")
        return value


class AliasSerializer(serializers.Serializer[Any]):
    source_id = serializers.PrimaryKeyRelatedField(queryset=Source.objects.all())
    alias = serializers.CharField(max_length=LONGEST_ID)
    item = serializers.PrimaryKeyRelatedField(queryset=Item.objects.all(), pk_field=serializers.CharField())


class ItemFilter(django_filters.FilterSet):  # type: ignore[misc]
    search = django_filters.CharFilter(field_name="name", lookup_expr="icontains", label="Part of the name")
    updated_since = django_filters.IsoDateTimeFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = Item
        fields = ("category", "brand", "is_in_stock")


class ByName(CursorPagination):
    ordering = "id"
    page_size = 100
    page_size_query_param = "page_size"
    max_page_size = MOST


UPSERTED = inline_serializer(
    "ItemsUpserted", {"created": serializers.IntegerField(), "updated": serializers.IntegerField()}
)


@extend_schema_view(
    create=extend_schema(
        summary="Create or update items, up to 1,000 at once",
        request=ItemSerializer(many=True),
        responses={200: UPSERTED},
    ),
    partial_update=extend_schema(summary="Create or update one item", responses={200: ItemSerializer}),
)
class ItemViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.DestroyModelMixin, viewsets.GenericViewSet[Item]
):
    queryset = Item.objects.all()
    serializer_class = ItemSerializer
    filterset_class = ItemFilter
    pagination_class = ByName
    lookup_value_regex = "[^/]+"
    scope = {"GET": "items:read", "POST": "items:write", "PATCH": "items:write", "DELETE": "items:write"}

    def create(self, request: Request) -> Response:
        given = request.data if isinstance(request.data, list) else [request.data]
        if len(given) > MOST:
            raise serializers.ValidationError(f"At most {MOST:,} items in one request; send the rest in the next.")
        found = ItemSerializer(data=given, many=True)
        found.is_valid(raise_exception=True)
        with transaction.atomic(), connection.cursor() as cursor:
            rows = [ItemRow(**item) for item in found.validated_data]
            created, updated = upsert_items(cursor, rows, now=timezone.now())
        return Response({"created": created, "updated": updated})

    def partial_update(self, request: Request, pk: str) -> Response:
        given = request.data if isinstance(request.data, dict) else {}
        found = ItemSerializer(data={**given, "id": pk})
        found.is_valid(raise_exception=True)
        with transaction.atomic(), connection.cursor() as cursor:
            upsert_items(cursor, [ItemRow(**found.validated_data)], now=timezone.now())
        return Response(ItemSerializer(Item.objects.get(pk=pk)).data, status=status.HTTP_200_OK)


class ItemAliasViewSet(viewsets.GenericViewSet[Item]):
    """What a source calls an item: its events then speak of the catalogue's item."""

    queryset = Item.objects.none()
    serializer_class = AliasSerializer
    scope = {"POST": "items:write"}

    @extend_schema(
        summary="Say what a source calls items, up to 1,000 at once",
        request=AliasSerializer(many=True),
        responses={200: inline_serializer("AliasesSaid", {"said": serializers.IntegerField()})},
    )
    def create(self, request: Request) -> Response:
        given = request.data if isinstance(request.data, list) else [request.data]
        if len(given) > MOST:
            raise serializers.ValidationError(f"At most {MOST:,} aliases in one request; send the rest in the next.")
        found = AliasSerializer(data=given, many=True)
        found.is_valid(raise_exception=True)
        by_source: dict[int, list[tuple[str, str]]] = {}
        for one in found.validated_data:
            by_source.setdefault(one["source_id"].pk, []).append((one["alias"], one["item"].pk))
        with transaction.atomic(), connection.cursor() as cursor:
            said = sum(add_aliases(cursor, source, pairs) for source, pairs in sorted(by_source.items()))
        return Response({"said": said})
