"""Whom to look at a mail as: the people of its audience, for the editor's script."""

import time
from collections.abc import Callable, Sequence
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from campaigns import preview_people
from campaigns.content_models import Template
from campaigns.preview_branches import NoSuchBranch, rule_of_branch
from campaigns.preview_people import Shown, audience_of
from campaigns.views.asked import BadRequestBody, answers_mistakes, body_of, number_of, uuid_of
from cdp.accounts.access import SignedIn, needs
from cdp.common.clock import deployment_zone, utc_now
from cdp.profiles.find import NoSuchPerson, by_uuid

SEARCH_S = 1.5


@needs("edit_campaigns")
@answers_mistakes
def people(request: SignedIn, pk: int) -> JsonResponse:
    """With `after` or `before` the nearest ones beside that person; with `q` those who are called so."""
    _refuse_strangers(request)
    audience = audience_of(get_object_or_404(Template, pk=pk), now=utc_now(), zone=deployment_zone())
    if text := request.GET.get("q", "")[:120]:
        found = preview_people.named(audience, text, is_time_up=_clock(SEARCH_S))
    else:
        after, before = uuid_of(request.GET.get("after")), uuid_of(request.GET.get("before"))
        try:
            found = preview_people.beside(audience, after=after, before=before)
        except NoSuchPerson as error:
            raise Http404 from error
    return JsonResponse({"people": _said(found), "audience": audience.name})


@needs("edit_campaigns")
@require_POST
@answers_mistakes
def for_branch(request: SignedIn, pk: int) -> JsonResponse:
    """The first people of the audience who take a branch; `is_sure` says whether the search looked at everybody."""
    _refuse_strangers(request)
    template, asked = get_object_or_404(Template, pk=pk), body_of(request)
    audience = audience_of(template, now=utc_now(), zone=deployment_zone())
    try:
        path = rule_of_branch(
            asked.get("content", template.content),
            split=str(asked.get("split", "")),
            branch=number_of(asked.get("branch"), "branch"),
        )
    except NoSuchBranch as error:
        raise BadRequestBody(str(error)) from error
    found = preview_people.leading_to(
        audience,
        path,
        now=utc_now(),
        zone=deployment_zone(),
        leave_out=_known(uuid_of(asked.get("not_person"))),
    )
    told = {"people": _said(found.people), "is_sure": found.is_sure, "n": len(found.people)}
    if not found.people:
        told["message"] = (
            f"Nobody of {audience.name} gets this."
            if found.is_sure
            else f"Nobody was found among {audience.name} within some seconds; there may still be somebody."
        )
    return JsonResponse(told)


def _refuse_strangers(request: SignedIn) -> None:
    """People are personal data, whoever may write mails."""
    if not request.user.may("view_people"):
        raise PermissionDenied


def _known(uuid: UUID | None) -> int | None:
    if uuid is None:
        return None
    try:
        return by_uuid(uuid).pk
    except NoSuchPerson:
        return None


def _said(found: Sequence[Shown]) -> list[dict[str, str]]:
    return [{"uuid": str(one.uuid), "name": one.name, "email": one.email} for one in found]


def _clock(seconds: float) -> Callable[[], bool]:
    ends_s = time.monotonic() + seconds
    return lambda: time.monotonic() > ends_s
