"""The editor of a mail, a template or a module: its page, and what the page asks for while one writes."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from campaigns import content_save
from campaigns.models import Campaign, Template
from cdp.accounts.access import SignedIn, needs
from cdp.common.clock import utc_now
from cdp.rules.fields import RuleError
from cdp.rules.parse import parse
from cdp.rules.to_english import to_english
from segments.vocabulary import vocabulary

LARGEST_BODY = content_save.LARGEST_BYTES + 100_000
MOST_RULES = 200


@needs("edit_campaigns")
def editor(request: SignedIn, pk: int) -> HttpResponse:
    template = get_object_or_404(Template, pk=pk, archived_at=None)
    campaign = Campaign.objects.select_related("segment").filter(template=template).first()
    if campaign and campaign.state != Campaign.State.DRAFT:
        messages.error(request, str(content_save.Started.__doc__))
        return redirect("campaigns:campaign", pk=campaign.pk)
    held = {"content": template.content, "revision": template.revision, "savedAt": template.changed_at.isoformat()}
    context = {"template": template, "campaign": campaign, "held": held, "words": vocabulary()}
    return render(request, "campaigns/editor/editor.html", context)


@needs("edit_campaigns")
@require_POST
def save(request: SignedIn, pk: int) -> JsonResponse:
    template = get_object_or_404(Template, pk=pk, archived_at=None)
    try:
        asked = _asked(request)
        revision = asked.get("revision")
        if not isinstance(revision, int):
            raise content_save.NotKeepable("Say which revision was opened.")
        saved = content_save.save(
            template, content=asked.get("content"), revision=revision, by=request.user, now=utc_now()
        )
    except content_save.NotKeepable as error:
        return JsonResponse({"message": str(error)}, status=422)
    except content_save.Started as error:
        return JsonResponse({"message": str(error)}, status=403)
    except content_save.Changed as error:
        return _changed(error)
    return JsonResponse({"revision": saved.revision, "saved_at": saved.changed_at.isoformat()})


@needs("edit_campaigns")
@require_POST
def sentences(request: SignedIn) -> JsonResponse:
    """The rules of conditions in words: for each its sentence, or what is wrong with it and where."""
    try:
        rules = _asked(request).get("rules")
    except content_save.NotKeepable as error:
        return JsonResponse({"message": str(error)}, status=422)
    if not isinstance(rules, list) or len(rules) > MOST_RULES:
        return JsonResponse({"message": f"Give a list of at most {MOST_RULES} rules."}, status=422)
    return JsonResponse({"sentences": [_sentence(rule) for rule in rules]})


def _sentence(rule: Any) -> dict[str, str]:
    try:
        return {"english": to_english(parse(rule))}
    except RuleError as error:
        return {"error": error.message, "place": error.place}


def _changed(error: content_save.Changed) -> JsonResponse:
    """With what stands there now: the editor may take it, or write over it knowingly."""
    theirs = error.template
    told = {
        "message": str(error),
        "by": str(theirs.changed_by or "Somebody"),
        "at": theirs.changed_at.isoformat(),
        "revision": theirs.revision,
        "content": theirs.content,
    }
    return JsonResponse(told, status=409)


def _asked(request: HttpRequest) -> dict[str, Any]:
    """The JSON that was posted."""
    if int(request.headers.get("Content-Length") or 0) > LARGEST_BODY:
        raise content_save.NotKeepable(
            f"This mail is too large to be kept: at most {content_save.LARGEST_BYTES // 1000} KB."
        )
    try:
        asked = json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise content_save.NotKeepable("This is no JSON.") from error
    if not isinstance(asked, dict):
        raise content_save.NotKeepable("This is no JSON object.")
    return asked
