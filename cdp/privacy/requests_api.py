"""The API of privacy requests: copies and erasures, for the shop's own form."""

from typing import Any
from uuid import UUID

from django.db import connection
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request as ApiRequest
from rest_framework.response import Response

from cdp.common.api import Conflict, StrictView
from cdp.common.api_fields import Text
from cdp.common.api_schema import TEXT, TIME, errors, obj
from cdp.common.clock import utc_now
from cdp.privacy import erase, export_person, person
from cdp.privacy.models import PrivacyRequest
from cdp.privacy.tasks import ring

KIND: dict[str, Any] = {"type": "string", "enum": list(PrivacyRequest.Kind)}
ASKED = obj(kind=KIND, identifier=TEXT | {"minLength": 1, "maxLength": 512}) | {"additionalProperties": False}
COUNT: dict[str, Any] = {"type": "integer"}
UUID_SCHEMA = {"type": "string", "format": "uuid"}
SAID = obj(
    id=UUID_SCHEMA,
    kind=KIND,
    state={"type": "string", "enum": ["waiting", "running", "done", "failed", "cancelled"]},
    done=COUNT,
    total=COUNT | {"type": ["integer", "null"]},
    at=TIME,
    finished_at=TIME | {"type": ["string", "null"]},
    rows=COUNT,
)


class AskedSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=PrivacyRequest.Kind.choices)
    identifier = Text(max_length=512)


class Requests(StrictView):
    scope = {"POST": "privacy:write"}

    @extend_schema(
        operation_id="privacy_requests_create",
        summary="Make a copy of everything that is known of a person, or erase them",
        description="`identifier`: an e-mail address, phone number, user id, device id, profile id, or `kind:value`."
        " What nobody is known by is looked for in the inbox, in quarantine and in files. Erasing cannot be undone.",
        tags=["privacy"],
        request={"application/json": ASKED},
        responses={201: SAID, **errors(409, 413, 415)},
    )
    def post(self, request: ApiRequest) -> Response:
        given = request.data
        if not isinstance(given, dict):
            raise ValidationError("An object with kind and identifier.")
        if extra := sorted(set(map(str, given)) - {"kind", "identifier"}):
            raise ValidationError(dict.fromkeys(extra, "There is no such field."))
        asked = AskedSerializer(data=given)
        asked.is_valid(raise_exception=True)
        kind, text = asked.validated_data["kind"], asked.validated_data["identifier"]
        with connection.cursor() as cursor:
            ids = person.known_by(cursor, text)
            if len(ids) > 1:
                raise Conflict(f"{len(ids)} people are known by this: send the profile id of the one you mean.")
            who = person.of_profile(cursor, ids[0]) if ids else person.unknown(text)
        verb = erase if kind == PrivacyRequest.Kind.ERASE else export_person
        made = verb.begin(who, by=None, via=f"API token {request.auth}", now=utc_now())
        ring(made.job_id, verb.KIND)
        return Response(_said(made), status=status.HTTP_201_CREATED)


class Request(StrictView):
    scope = {"GET": "privacy:read"}

    @extend_schema(
        operation_id="privacy_requests_get",
        summary="How far a request is; the copy itself is downloaded on its page",
        tags=["privacy"],
        responses={200: SAID, **errors(404)},
    )
    def get(self, request: ApiRequest, uuid: str) -> Response:
        try:
            return Response(_said(PrivacyRequest.objects.select_related("job").get(uuid=UUID(uuid))))
        except (ValueError, PrivacyRequest.DoesNotExist) as error:
            raise Http404 from error


def _said(one: PrivacyRequest) -> dict[str, Any]:
    job = one.job
    return {
        "id": str(one.uuid),
        "kind": one.kind,
        "state": job.state,
        "done": job.done,
        "total": job.total,
        "at": one.at,
        "finished_at": job.finished_at,
        "rows": sum(one.counts.values()),
    }
