"""/api/consents and /api/suppressions: what addresses said, and those that must not be written to."""

from typing import Any

import django_filters
from django.db import connection, transaction
from django.utils import timezone
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import mixins, serializers, viewsets
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response

from cdp.privacy.consent import Word, record_consents
from cdp.privacy.models import Consent, Purpose, Suppression, Topic
from cdp.privacy.suppression import suppress
from cdp.profiles.addresses import address

MOST = 1_000
SPACE = r"^[a-z][a-z0-9_]{0,59}$"


class AddressSerializer(serializers.Serializer[Any]):
    namespace = serializers.RegexField(SPACE, help_text="email, phone, user_id, anonymous_id")
    value = serializers.CharField(max_length=512)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        form = address(attrs["namespace"], attrs["value"])
        if not form:
            raise serializers.ValidationError({"value": f"This is no {attrs['namespace']}."})
        return {**attrs, "value": form}


class NewConsentSerializer(AddressSerializer):
    purpose = serializers.SlugRelatedField(slug_field="key", queryset=Purpose.objects.all())
    topic = serializers.SlugRelatedField(slug_field="key", queryset=Topic.objects.all(), required=False)
    is_granted = serializers.BooleanField()
    at = serializers.DateTimeField(required=False, help_text="When it was said; now if left out.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        topic = attrs.get("topic")
        if topic is not None and topic.purpose_id != attrs["purpose"].pk:
            raise serializers.ValidationError({"topic": f"It belongs to the purpose {topic.purpose.key}."})
        return super().validate(attrs)


class ConsentSerializer(serializers.ModelSerializer[Consent]):
    class Meta:
        model = Consent
        fields = ("namespace", "value", "purpose", "topic", "is_granted", "at", "last_at", "how")


class NewSuppressionSerializer(AddressSerializer):
    note = serializers.CharField(max_length=200, required=False, allow_blank=True)


class SuppressionSerializer(serializers.ModelSerializer[Suppression]):
    class Meta:
        model = Suppression
        fields = ("namespace", "value", "reason", "note", "at")


class NewestFirst(CursorPagination):
    ordering = ("-at", "-id")
    page_size = 100
    page_size_query_param = "page_size"
    max_page_size = MOST


class ConsentFilter(django_filters.FilterSet):  # type: ignore[misc]
    class Meta:
        model = Consent
        fields = ("namespace", "value", "purpose", "topic")


class SuppressionFilter(django_filters.FilterSet):  # type: ignore[misc]
    class Meta:
        model = Suppression
        fields = ("namespace", "value", "reason")


def _many(request: Request) -> list[Any]:
    given = request.data if isinstance(request.data, list) else [request.data]
    if len(given) > MOST:
        raise serializers.ValidationError(f"At most {MOST:,} in one request; send the rest in the next.")
    return given


class ConsentViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[Consent]):
    """The history of consent. The row with the latest `last_at` is the current word."""

    queryset = Consent.objects.all()
    serializer_class = ConsentSerializer
    filterset_class = ConsentFilter
    pagination_class = NewestFirst
    scope = {"GET": "consent:read", "POST": "consent:write"}

    @extend_schema(
        summary="Record what addresses said, up to 1,000 words at once",
        request=NewConsentSerializer(many=True),
        responses={200: inline_serializer("ConsentsRecorded", {"recorded": serializers.IntegerField()})},
    )
    def create(self, request: Request) -> Response:
        found = NewConsentSerializer(data=_many(request), many=True)
        found.is_valid(raise_exception=True)
        how, now = f"api:{request.auth}"[:200], timezone.now()
        words = [
            Word(
                one["namespace"],
                one["value"],
                one["purpose"].key,
                one["topic"].key if "topic" in one else "",
                one["is_granted"],
                min(one.get("at", now), now),
                None,
                how,
            )
            for one in found.validated_data
        ]
        with transaction.atomic(), connection.cursor() as cursor:
            record_consents(cursor, words)
        return Response({"recorded": len(words)})


class SuppressionViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[Suppression]):
    """Addresses that must not be written to. Taking one back is a steward's decision, on the page."""

    queryset = Suppression.objects.all()
    serializer_class = SuppressionSerializer
    filterset_class = SuppressionFilter
    pagination_class = NewestFirst
    scope = {"GET": "consent:read", "POST": "consent:write"}

    @extend_schema(
        summary="Suppress addresses, up to 1,000 at once",
        request=NewSuppressionSerializer(many=True),
        responses={200: inline_serializer("Suppressed", {"added": serializers.IntegerField()})},
    )
    def create(self, request: Request) -> Response:
        found = NewSuppressionSerializer(data=_many(request), many=True)
        found.is_valid(raise_exception=True)
        addresses = [(one["namespace"], one["value"]) for one in found.validated_data]
        note = next((one["note"] for one in found.validated_data if one.get("note")), "")
        new = suppress(addresses, reason=Suppression.Reason.IMPORT, now=timezone.now(), note=note)
        return Response({"added": len(new)})
