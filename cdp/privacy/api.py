"""The API of consent and suppression: what addresses said, and those that must not be written to."""

from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from cdp.common.api import StrictView, keyset_page
from cdp.common.api_fields import Text, YesNo
from cdp.common.api_schema import LIMIT, TEXT, TIME, errors, listed, obj, paged
from cdp.privacy.consent import Word, record_consents
from cdp.privacy.models import Consent, Purpose, Suppression, Topic
from cdp.privacy.suppression import suppress
from cdp.profiles.addresses import address

MOST = 1_000
NAMESPACES = ("email", "phone", "user_id", "anonymous_id")
SPACE: dict[str, Any] = {"type": "string", "enum": list(NAMESPACES)}
BOOL = {"type": "boolean"}
COUNT = {"type": "integer"}
VALUE = TEXT | {"minLength": 1, "maxLength": 512}
CONSENT = obj(
    namespace=TEXT, value=TEXT, purpose=TEXT, topic=TEXT, is_granted=BOOL, at=TIME, last_at=TIME, how=TEXT
)  # fmt: skip
SUPPRESSION = obj(namespace=TEXT, value=TEXT, reason=TEXT, note=TEXT, at=TIME)
WORD = obj(namespace=SPACE, value=VALUE, purpose=TEXT, is_granted=BOOL)
WORD["properties"] |= {"topic": TEXT, "at": TIME | {"description": "When it was said; now, if left out."}}
ADDRESS = obj(namespace={"type": "string", "enum": ["email", "phone"]}, value=VALUE)
WORDS = obj(consents=listed(WORD) | {"minItems": 1, "maxItems": MOST}) | {"additionalProperties": False}
ADDRESSES = obj(suppressions=listed(ADDRESS) | {"minItems": 1, "maxItems": MOST}) | {"additionalProperties": False}


class AddressSerializer(serializers.Serializer[Any]):
    namespace = serializers.ChoiceField(choices=NAMESPACES)
    value = Text(max_length=512)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        form = address(attrs["namespace"], attrs["value"])
        if not form:
            raise serializers.ValidationError({"value": f"This is no {attrs['namespace']}."})
        return {**attrs, "value": form}


class WordSerializer(AddressSerializer):
    purpose = serializers.SlugRelatedField(slug_field="key", queryset=Purpose.objects.all())
    topic = serializers.SlugRelatedField(slug_field="key", queryset=Topic.objects.all(), required=False)
    is_granted = YesNo()
    at = serializers.DateTimeField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        topic = attrs.get("topic")
        if topic is not None and topic.purpose_id != attrs["purpose"].pk:
            raise serializers.ValidationError({"topic": f"It belongs to the purpose {topic.purpose.key}."})
        return super().validate(attrs)


class SuppressionSerializer(AddressSerializer):
    namespace = serializers.ChoiceField(choices=("email", "phone"))


class ConsentFilter(filters.FilterSet):  # type: ignore[misc]
    namespace = filters.CharFilter("namespace", max_length=60)
    value = filters.CharFilter("value", max_length=512)
    purpose = filters.CharFilter("purpose", max_length=60)


class SuppressionFilter(filters.FilterSet):  # type: ignore[misc]
    namespace = filters.CharFilter("namespace", max_length=60)
    value = filters.CharFilter("value", max_length=512)


class _Listed(StrictView):
    """A filtered list by GET, many at once by POST."""

    filter: type[filters.FilterSet]
    scope = {"GET": "consent:read", "POST": "consent:write"}

    @property
    def parameters(self) -> frozenset[str]:  # type: ignore[override]
        reads = self.request.method in ("GET", "HEAD")
        return frozenset({*self.filter.base_filters, "limit", "after"}) if reads else frozenset()

    def rows(self, request: Request, queryset: Any) -> Any:
        found = self.filter(request.query_params, queryset=queryset)
        if not found.is_valid():
            raise ValidationError(found.errors)
        return found.qs


def _parameters(*names: str) -> list[OpenApiParameter]:
    shared = [OpenApiParameter("limit", LIMIT), OpenApiParameter("after", str, description="Follow `next`.")]
    return [OpenApiParameter(name, str) for name in names] + shared


class Consents(_Listed):
    filter = ConsentFilter

    @extend_schema(
        operation_id="consents_list",
        summary="What addresses said; of each the row with the latest last_at is its current word",
        tags=["consent"],
        parameters=_parameters("namespace", "value", "purpose"),
        responses={200: paged(CONSENT), **errors()},
    )
    def get(self, request: Request) -> Response:
        rows = self.rows(request, Consent.objects.all())
        return keyset_page(rows, request, order=("-id",), said=_said_consent)

    @extend_schema(
        operation_id="consents_record",
        summary=f"Record up to {MOST:,} words of addresses",
        tags=["consent"],
        request={"application/json": WORDS},
        responses={200: obj(recorded=COUNT), **errors(413, 415)},
    )
    def post(self, request: Request) -> Response:
        found = _read(request.data, "consents", WordSerializer)
        now = timezone.now()
        how = f"api:{request.auth}"
        words = [
            Word(
                one["namespace"],
                one["value"],
                one["purpose"].key,
                one["topic"].key if one.get("topic") else "",
                one["is_granted"],
                min(one.get("at", now), now),
                None,
                how,
            )
            for one in found
        ]
        with transaction.atomic(), connection.cursor() as cursor:
            record_consents(cursor, words, now=now)
        return Response({"recorded": len(words)})


class Suppressions(_Listed):
    """Taking one back is a steward's decision, on the page."""

    filter = SuppressionFilter

    @extend_schema(
        operation_id="suppressions_list",
        summary="Addresses that must not be written to, newest first",
        tags=["consent"],
        parameters=_parameters("namespace", "value"),
        responses={200: paged(SUPPRESSION), **errors()},
    )
    def get(self, request: Request) -> Response:
        rows = self.rows(request, Suppression.objects.exclude(reason=Suppression.Reason.ERASED))
        return keyset_page(rows, request, order=("-at", "-id"), said=_said_suppression)

    @extend_schema(
        operation_id="suppressions_add",
        summary=f"Suppress up to {MOST:,} addresses",
        tags=["consent"],
        request={"application/json": ADDRESSES},
        responses={200: obj(added=COUNT), **errors(413, 415)},
    )
    def post(self, request: Request) -> Response:
        found = _read(request.data, "suppressions", SuppressionSerializer)
        addresses = [(one["namespace"], one["value"]) for one in found]
        note = f"API token {request.auth}"
        return Response(
            {"added": len(suppress(addresses, reason=Suppression.Reason.MANUAL, now=timezone.now(), note=note))}
        )


def _read(body: Any, name: str, serializer: type[AddressSerializer]) -> list[dict[str, Any]]:
    given = body.get(name) if isinstance(body, dict) else None
    if not isinstance(given, list) or not 1 <= len(given) <= MOST:
        raise ValidationError({name: f"A list of 1 to {MOST:,}; send more in the next request."})
    if extra := sorted(set(map(str, body)) - {name}):
        raise ValidationError(dict.fromkeys(extra, "There is no such field."))
    read = []
    for index, one in enumerate(given):
        found = serializer(data=one)
        if not found.is_valid():
            raise ValidationError({f"{name}.{index}": found.errors})
        read.append(found.validated_data)
    return read


def _said_consent(one: Consent) -> dict[str, Any]:
    return {key: getattr(one, key) for key in CONSENT["properties"]}


def _said_suppression(one: Suppression) -> dict[str, Any]:
    return {key: getattr(one, key) for key in SUPPRESSION["properties"]}
