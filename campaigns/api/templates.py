"""The API of content: templates and modules, the mails of campaigns, and what they were."""


from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns import content_save
from campaigns.api.template_parts import (
    CONTENT,
    KINDS,
    LISTED,
    NAME,
    NUMBER,
    REVISION,
    TEMPLATE,
    VERSION,
    VERSION_LISTED,
    VERSION_NUMBER,
    note,
    refusals,
    said,
    said_listed,
    said_version,
    said_version_listed,
    template_or_404,
)
from campaigns.content_back import go_back
from campaigns.content_models import Template, TemplateVersion
from campaigns.library import listing, making
from cdp.common.api import Conflict, StrictView, keyset_page
from cdp.common.api_schema import errors, paged
from cdp.common.clock import utc_now
from identity.api.parts import PAGE, Body, number_or_404

STATES = ("active", "archived")
Kind = Template.Kind
TO_MAKE = {
    "type": "object",
    "properties": {"name": NAME, "kind": {"type": "string", "enum": [Kind.SAVED, Kind.MODULE]}, "content": CONTENT},
    "required": ["name", "content"],
    "additionalProperties": False,
}
TO_CHANGE = {
    "type": "object",
    "properties": {"name": NAME, "content": CONTENT, "revision": REVISION},
    "additionalProperties": False,
}


class Templates(StrictView):
    scope = {"GET": "campaigns:read", "POST": "campaigns:write"}

    @property
    def parameters(self) -> frozenset[str]:  # type: ignore[override]
        return frozenset({"limit", "after", "kind", "state"} if self.request.method in ("GET", "HEAD") else ())

    @extend_schema(
        operation_id="templates_list",
        summary="Templates, modules and the mails of campaigns, by id; without their content",
        tags=["templates"],
        parameters=[
            OpenApiParameter("kind", str, enum=list(KINDS), description="`saved` (templates), if left out."),
            OpenApiParameter("state", str, enum=list(STATES), description="`active`, if left out."),
            *PAGE,
        ],
        responses={200: paged(LISTED), **errors()},
    )
    def get(self, request: Request) -> Response:
        kind, state = (request.query_params.get(*one) for one in (("kind", Kind.SAVED), ("state", "active")))
        if kind not in KINDS:
            raise ValidationError({"kind": f"One of {', '.join(KINDS)}."})
        if state not in STATES:
            raise ValidationError({"state": f"One of {', '.join(STATES)}."})
        rows = listing.found(kind, is_archive=state == "archived")
        return keyset_page(rows, request, order=("id",), said=said_listed)

    @extend_schema(
        operation_id="templates_create",
        summary="Make a template, or a module",
        description="Mistakes in the content are kept and told in `problems`: only what is sent must have none.",
        tags=["templates"],
        request={"application/json": TO_MAKE},
        responses={201: TEMPLATE, **errors(413, 415)},
    )
    def post(self, request: Request) -> Response:
        body = Body.of(request, ("name", "kind", "content"))
        kind = body.fields.get("kind", Kind.SAVED)
        if kind not in (Kind.SAVED, Kind.MODULE):
            raise ValidationError({"kind": f"One of {Kind.SAVED}, {Kind.MODULE}."})
        with refusals():
            content = content_save.keepable(body.fields.get("content"))
            made = making.create(_name(body), kind=kind, content=content, by=None, now=utc_now())
        note(request, "created", made)
        return Response(said(made), status=201)


class OneTemplate(StrictView):
    scope = {"GET": "campaigns:read", "PATCH": "campaigns:write", "DELETE": "campaigns:write"}

    @extend_schema(
        operation_id="templates_read",
        summary="A template with its content, and what is to be put right in it",
        tags=["templates"],
        parameters=[NUMBER],
        responses={200: TEMPLATE, **errors(404)},
    )
    def get(self, request: Request, number: str) -> Response:
        return Response(said(template_or_404(number)))

    @extend_schema(
        operation_id="templates_change",
        summary="Change name or content; what is left out stays",
        description=(
            "With `content` goes the `revision` that you read: 409 if somebody saved since, or if it is the mail of a"
            " campaign that was started."
        ),
        tags=["templates"],
        parameters=[NUMBER],
        request={"application/json": TO_CHANGE},
        responses={200: TEMPLATE, **errors(404, 409, 413, 415)},
    )
    def patch(self, request: Request, number: str) -> Response:
        template = _active_or_409(number)
        body = Body.of(request, ("name", "content", "revision"))
        revision = body.fields.get("revision")
        if revision is not None and (not isinstance(revision, int) or isinstance(revision, bool) or revision < 1):
            raise ValidationError({"revision": "The number of the revision that you read."})
        with refusals():
            if "name" in body.fields:
                making.rename(template, _name(body))
            if "content" in body.fields:
                if revision is None:
                    raise ValidationError({"revision": "Say which revision you read."})
                template = content_save.save(
                    template, content=body.fields["content"], revision=revision, by=None, now=utc_now()
                )
        note(request, "changed", template, revision=template.revision)
        return Response(said(template))

    @extend_schema(
        operation_id="templates_archive",
        summary="Take a template or a module out of the library; mails that hold the module keep it",
        tags=["templates"],
        parameters=[NUMBER],
        responses={204: None, **errors(404, 409)},
    )
    def delete(self, request: Request, number: str) -> Response:
        template = _of_library(_active_or_409(number))
        making.archive(template, now=utc_now())
        note(request, "archived", template)
        return Response(status=204)


class Restore(StrictView):
    scope = {"POST": "campaigns:write"}

    @extend_schema(
        operation_id="templates_restore",
        summary="Bring an archived one back; under another name if its own was taken meanwhile",
        tags=["templates"],
        parameters=[NUMBER],
        request=None,
        responses={200: TEMPLATE, **errors(404, 409)},
    )
    def post(self, request: Request, number: str) -> Response:
        template = template_or_404(number)
        if not template.archived_at:
            raise Conflict("It is not archived.")
        making.restore(template)
        note(request, "restored", template)
        return Response(said(template))


class Duplicate(StrictView):
    scope = {"POST": "campaigns:write"}

    @extend_schema(
        operation_id="templates_duplicate",
        summary="Copy a template; of a campaign's mail, the copy is a template",
        tags=["templates"],
        parameters=[NUMBER],
        request=None,
        responses={201: TEMPLATE, **errors(404)},
    )
    def post(self, request: Request, number: str) -> Response:
        found = template_or_404(number)
        made = making.duplicate(found, by=None, now=utc_now())
        note(request, "created", made, copy_of=found.name)
        return Response(said(made), status=201)


class Versions(StrictView):
    scope = "campaigns:read"
    parameters = frozenset({"limit", "after"})

    @extend_schema(
        operation_id="templates_versions",
        summary="What it was, newest first; without content",
        tags=["templates"],
        parameters=[NUMBER, *PAGE],
        responses={200: paged(VERSION_LISTED), **errors(404)},
    )
    def get(self, request: Request, number: str) -> Response:
        rows = template_or_404(number).versions.select_related("by")
        return keyset_page(rows, request, order=("-number",), said=said_version_listed)


class OneVersion(StrictView):
    scope = "campaigns:read"

    @extend_schema(
        operation_id="templates_version",
        summary="A version with its content",
        tags=["templates"],
        parameters=[NUMBER, VERSION_NUMBER],
        responses={200: VERSION, **errors(404)},
    )
    def get(self, request: Request, number: str, version: str) -> Response:
        return Response(said_version(_version_or_404(number, version)))


class GoBack(StrictView):
    scope = {"POST": "campaigns:write"}

    @extend_schema(
        operation_id="templates_go_back",
        summary="Bring a version back: it is saved anew",
        tags=["templates"],
        parameters=[NUMBER, VERSION_NUMBER],
        request=None,
        responses={200: TEMPLATE, **errors(404, 409)},
    )
    def post(self, request: Request, number: str, version: str) -> Response:
        _active_or_409(number)
        found = _version_or_404(number, version)
        with refusals():
            template = go_back(found, by=None, now=utc_now())
        note(request, "went back to version of", template, to=found.number)
        return Response(said(template))


def _name(body: Body) -> str:
    name = body.fields.get("name")
    if not isinstance(name, str):
        raise ValidationError({"name": "This must be a string."})
    return name


def _active_or_409(number: str) -> Template:
    found = template_or_404(number)
    if found.archived_at:
        raise Conflict("It is archived. Restore it first.")
    return found


def _of_library(template: Template) -> Template:
    if template.kind == Kind.MAIL:
        raise Conflict("This is the mail of a campaign; it goes with its campaign.")
    return template


def _version_or_404(number: str, version: str) -> TemplateVersion:
    wanted = min(number_or_404(version), 2**31 - 1)
    found = template_or_404(number).versions.select_related("by").filter(number=wanted).first()
    if found is None:
        raise NotFound("There is no such version.")
    return found
