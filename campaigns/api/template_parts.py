"""What the calls about content share: a template and a version as they are said, found or not, and refusals."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request

from campaigns import content_save
from campaigns.content.modules import modules_for
from campaigns.content.problems import problems_of
from campaigns.content.vocabulary import Vocabulary
from campaigns.content_models import Template, TemplateVersion
from campaigns.library import making
from cdp.accounts import audit
from cdp.common.api import Conflict
from cdp.common.api_schema import TEXT, TIME, listed, obj
from cdp.common.clock import utc_now
from identity.api.parts import number_or_404

KINDS = tuple(Template.Kind.values)
COUNT: dict[str, Any] = {"type": "integer"}
REVISION: dict[str, Any] = {
    "type": "integer",
    "minimum": 1,
    "description": "Counts the saves: give the one that you read.",
}
NAME: dict[str, Any] = {"type": "string", "maxLength": making.LONGEST}
MAYBE_TIME: dict[str, Any] = {"type": ["string", "null"], "format": "date-time"}
MAYBE_TEXT: dict[str, Any] = {"type": ["string", "null"]}
CONTENT: dict[str, Any] = {
    "type": "object",
    "description": "A mail, as docs/content.md describes it. A module has blocks only; its subject is empty.",
    "properties": {"version": {"type": "integer", "const": 2}, "blocks": {"type": "array", "items": {}}},
    "required": ["blocks", "version"],
    "additionalProperties": {},
}
PROBLEM = obj(
    place=TEXT | {"description": "Such as `blocks.k3f9.text`, by the id of the block."},
    message=TEXT,
    is_error={"type": "boolean", "description": "It keeps the mail from being sent."},
)
_FACTS: dict[str, Any] = {
    "id": COUNT,
    "name": TEXT,
    "kind": {"type": "string", "enum": list(KINDS)},
    "subject": TEXT | {"description": "What most people read; Liquid."},
    "revision": COUNT,
    "created_at": TIME,
    "changed_at": TIME,
    "changed_by": MAYBE_TEXT | {"description": "An e-mail address; null for a program."},
    "archived_at": MAYBE_TIME,
    "url": TEXT | {"description": "The editor's page."},
}
LISTED = obj(**_FACTS)
TEMPLATE = obj(**_FACTS, content=CONTENT, problems=listed(PROBLEM))
_VERSION: dict[str, Any] = {
    "number": COUNT,
    "kind": {"type": "string", "enum": list(TemplateVersion.Kind.values)},
    "note": TEXT,
    "by": MAYBE_TEXT,
    "at": TIME,
}
VERSION_LISTED = obj(**_VERSION)
VERSION = obj(
    **_VERSION,
    content=CONTENT,
    modules={
        "type": "object",
        "additionalProperties": {},
        "description": "Of one that was sent: the content of its modules, by id.",
    },
)
NUMBER = OpenApiParameter("number", str, OpenApiParameter.PATH, description="The id.")
VERSION_NUMBER = OpenApiParameter("version", str, OpenApiParameter.PATH, description="The number of the version.")


def said_listed(template: Template) -> dict[str, Any]:
    own = ("id", "name", "kind", "subject", "revision", "created_at", "changed_at", "archived_at")
    return {
        **{name: getattr(template, name) for name in own},
        "changed_by": template.changed_by.email if template.changed_by else None,
        "url": reverse("campaigns:editor", args=[template.pk]),
    }


def said(template: Template) -> dict[str, Any]:
    found = problems_of(
        template.content,
        vocabulary=Vocabulary.lately(),
        modules=modules_for(template.content),
        is_module=template.kind == Template.Kind.MODULE,
    )
    problems = [{"place": one.place, "message": one.message, "is_error": one.is_error} for one in found]
    return {**said_listed(template), "content": template.content, "problems": problems}


def said_version_listed(version: TemplateVersion) -> dict[str, Any]:
    own = ("number", "kind", "note", "at")
    return {**{name: getattr(version, name) for name in own}, "by": version.by.email if version.by else None}


def said_version(version: TemplateVersion) -> dict[str, Any]:
    return {**said_version_listed(version), "content": version.content, "modules": version.modules}


def template_or_404(number: str) -> Template:
    found = Template.objects.select_related("changed_by").filter(pk=number_or_404(number)).first()
    if found is None:
        raise NotFound("There is no such template.")
    return found


@contextmanager
def refusals() -> Iterator[None]:
    """What the domain refuses, as the API says it."""
    try:
        yield
    except making.BadName as error:
        raise ValidationError({"name": str(error)}) from error
    except content_save.NotKeepable as error:
        raise ValidationError({"content": str(error)}) from error
    except (content_save.Changed, content_save.Started) as error:
        raise Conflict(str(error)) from error


def note(request: Request, verb: str, template: Template, **details: object) -> None:
    words = making.WORDS[Template.Kind(template.kind)]
    told = {**details, "by": str(request.user)}
    audit.record(None, verb=f"{verb} {words}", target=template.name, details=told, now=utc_now())
