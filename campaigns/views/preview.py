"""A mail while it is written, as one person would get it: for the editor's script, and the frame that shows it."""

from typing import Any

from csp.decorators import csp
from django.conf import settings
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from campaigns import preview_frames, preview_people, sample_person
from campaigns.content.press import About
from campaigns.content_models import Template
from campaigns.library.begin import NoSuchBeginning, begun_from
from campaigns.preview import Preview, Wanted
from campaigns.preview import preview as rehearsed
from campaigns.preview_cards import card_of
from campaigns.preview_people import Audience
from campaigns.triggers import sampled
from campaigns.views.asked import BadRequestBody, answers_mistakes, body_of, number_of, uuid_of
from campaigns.views.sandbox import SANDBOX, framed
from cdp.accounts.access import SignedIn, needs
from cdp.common.clock import deployment_zone, utc_now
from cdp.profiles.find import NoSuchPerson
from cdp.profiles.models import Profile
from cdp.profiles.naming import name_of

MOST_FORCED = 200
READABLE = {**SANDBOX, "sandbox": [*SANDBOX["sandbox"], "allow-same-origin"]}
"""The editor keeps the place to which one scrolled; without scripts the frame gains nothing by it."""
GONE = "<!doctype html><meta charset=utf-8><p>This preview is no longer kept. Look at the mail again."


@needs("edit_campaigns")
@require_POST
@answers_mistakes
def preview(request: SignedIn, pk: int) -> JsonResponse:
    """{content, person, forced}: what stands in the editor, saved or not. An empty `person` is the first one of the
    audience; “sample” a made-up one."""
    template, asked = get_object_or_404(Template, pk=pk), body_of(request)
    campaign = preview_people.campaign_of(template)
    now, zone = utc_now(), deployment_zone()
    audience = preview_people.audience_for(campaign, now=now, zone=zone)
    profile = _person(request, audience, asked.get("person", ""))
    wanted = Wanted(
        content=asked.get("content", template.content),
        profile=profile,
        forced=_forced(asked.get("forced")),
        is_module=template.kind == Template.Kind.MODULE,
        has_topic=bool(campaign and campaign.topic_id),
        context=sampled.context_for(campaign, profile.pk if profile else None),
    )
    about = About(
        base_url=settings.PUBLIC_URL,
        zone=zone,
        campaign=campaign.name if campaign else "",
        is_tracked=False,
    )
    found = rehearsed(wanted, about=about, now=now)
    return JsonResponse(_mail(found, user_id=request.user.pk) | _said_person(profile))


@needs("edit_campaigns")
@csp(READABLE)  # type: ignore[arg-type]  # typed for views without arguments
def frame(request: SignedIn, token: str) -> HttpResponse:
    """What was rendered a moment ago, for the one who asked for it."""
    html = preview_frames.kept(token, user_id=request.user.pk)
    return framed(GONE, status=404) if html is None else framed(html)


@needs("view_campaigns")
@csp(SANDBOX)  # type: ignore[arg-type]  # typed for views without arguments
def card(request: SignedIn, pk: int) -> HttpResponse:
    """What is saved, as a made-up person sees it."""
    found = get_object_or_404(Template, pk=pk)
    return framed(card_of(found.content, is_module=found.kind == Template.Kind.MODULE, now=utc_now()))


@needs("view_campaigns")
@csp(SANDBOX)  # type: ignore[arg-type]  # typed for views without arguments
def starter_card(request: SignedIn, key: str) -> HttpResponse:
    now = utc_now()
    try:
        content = begun_from(starter=key, now=now)
    except NoSuchBeginning as error:
        raise Http404 from error
    return framed(card_of(content, now=now))


def _person(request: SignedIn, audience: Audience, text: object) -> Profile | None:
    """People are personal data, whoever may write mails."""
    if text == "sample" or not request.user.may("view_people"):
        return None
    try:
        return preview_people.person(audience, uuid_of(text))
    except NoSuchPerson as error:
        raise BadRequestBody("There is no such person (any more).") from error


def _forced(value: object) -> dict[str, int]:
    if value is None:
        return {}
    if not isinstance(value, dict) or len(value) > MOST_FORCED:
        raise BadRequestBody("“forced” names a branch for each split.")
    return {str(key): number_of(branch, f"forced.{key}") for key, branch in value.items()}


def _mail(found: Preview, *, user_id: int) -> dict[str, Any]:
    made = found.rendered
    token = preview_frames.keep(made.html, user_id=user_id) if made else ""
    return {
        "subject": made.subject if made else "",
        "preheader": made.preheader if made else "",
        "text": made.text if made else "",
        "frame_url": reverse("campaigns:preview_frame", args=[token]) if token else "",
        "size_bytes": len(made.html.encode()) if made else 0,
        "branches": {
            key: {"branch": one.branch, "label": one.label, "why": one.why} for key, one in found.branches.items()
        },
        "problems": [{"place": one.place, "message": one.message, "is_error": one.is_error} for one in found.problems],
        "hints": [{"text": one.text, "level": one.level, "place": one.place} for one in found.hints],
    }


def _said_person(profile: Profile | None) -> dict[str, Any]:
    if profile is None:
        return {"person": None, "person_note": f"{sample_person.NAME}, a made-up person"}
    name = name_of(profile.traits, profile.uuid)
    url = reverse("profiles:detail", args=[profile.uuid])
    return {"person": {"uuid": str(profile.uuid), "name": name, "url": url}, "person_note": ""}
