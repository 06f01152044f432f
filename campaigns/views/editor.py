"""The editor of a mail, a template or a module: its page, and what the page asks for while one writes."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from campaigns import content_save
from campaigns.content.paste import convert as converted
from campaigns.models import Campaign, Feed, Offer, Template
from campaigns.preview_people import campaign_of
from campaigns.views.asked import BadRequestBody, answers_mistakes, body_of
from cdp.accounts.access import SignedIn, needs
from cdp.common.clock import utc_now
from cdp.rules.fields import RuleError
from cdp.rules.parse import parse
from cdp.rules.to_english import to_english
from segments.vocabulary import vocabulary

MOST_RULES = 200
MOST_CHOICES = 500
LONGEST_PASTE = 200_000


@needs("edit_campaigns")
def editor(request: SignedIn, pk: int) -> HttpResponse:
    template = get_object_or_404(Template, pk=pk, archived_at=None)
    campaign = campaign_of(template)
    if campaign and campaign.state != Campaign.State.DRAFT:
        messages.error(request, str(content_save.Started.__doc__))
        return redirect("campaigns:campaign", pk=campaign.pk)
    held = {
        "kind": template.kind,
        "content": template.content,
        "revision": template.revision,
        "savedAt": template.changed_at.isoformat(),
        "choices": _choices(template),
    }
    context = {"template": template, "campaign": campaign, "held": held, "words": vocabulary()}
    return render(request, "campaigns/editor/editor.html", context)


@needs("edit_campaigns")
@require_POST
@answers_mistakes
def save(request: SignedIn, pk: int) -> JsonResponse:
    template, asked = get_object_or_404(Template, pk=pk, archived_at=None), body_of(request)
    revision = asked.get("revision")
    if not isinstance(revision, int):
        raise BadRequestBody("Say which revision was opened.")
    try:
        saved = content_save.save(
            template, content=asked.get("content"), revision=revision, by=request.user, now=utc_now()
        )
    except content_save.NotKeepable as error:
        raise BadRequestBody(str(error)) from error
    except content_save.Started as error:
        return JsonResponse({"message": str(error)}, status=403)
    except content_save.Changed as error:
        return _changed(error)
    return JsonResponse({"revision": saved.revision, "saved_at": saved.changed_at.isoformat()})


@needs("edit_campaigns")
@require_POST
@answers_mistakes
def sentences(request: SignedIn) -> JsonResponse:
    """The rules of conditions in words: for each its sentence, or what is wrong with it and where."""
    rules = body_of(request).get("rules")
    if not isinstance(rules, list) or len(rules) > MOST_RULES:
        raise BadRequestBody(f"Give a list of at most {MOST_RULES} rules.")
    return JsonResponse({"sentences": [_sentence(rule) for rule in rules]})


@needs("edit_campaigns")
@require_POST
@answers_mistakes
def convert(request: SignedIn) -> JsonResponse:
    """What was pasted, with the tokens of other products as ours; what became of each, and what was left as it is."""
    text = body_of(request).get("text")
    if not isinstance(text, str) or len(text) > LONGEST_PASTE:
        raise BadRequestBody(f"Paste at most {LONGEST_PASTE:,} characters.")
    found = converted(text)
    notes = [one.message or f"“{one.was}” is now “{one.now}”." for one in found.notes]
    return JsonResponse({"text": found.text, "notes": notes, "problems": [one.message for one in found.problems]})


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


def _choices(template: Template) -> dict[str, list[dict[str, object]]]:
    """What blocks may name, by the keys they name it by."""
    modules = Template.objects.filter(kind=Template.Kind.MODULE, archived_at=None).exclude(pk=template.pk)
    return {
        "offers": [{"key": key, "name": name} for key, name in _named(Offer)],
        "feeds": [{"key": key, "name": name} for key, name in _named(Feed)],
        "modules": [
            {"key": pk, "name": name, "url": reverse("campaigns:editor", args=[pk])}
            for pk, name in modules.order_by("name").values_list("pk", "name")[:MOST_CHOICES]
        ],
    }


def _named(model: type[Offer] | type[Feed]) -> list[tuple[str, str]]:
    return list(
        model._default_manager.filter(archived_at=None).order_by("name").values_list("key", "name")[:MOST_CHOICES]
    )
