"""The library in the browser: templates to begin with, and modules that stand in many mails."""

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from campaigns import content_save
from campaigns.content_models import Template
from campaigns.library import listing, making
from campaigns.library.begin import BLANK, NoSuchBeginning, beginnings, begun_from
from campaigns.views.asked import BadRequestBody, answers_mistakes, body_of
from cdp.accounts import audit
from cdp.accounts.access import SignedIn, needs
from cdp.common.clock import utc_now
from cdp.common.keyset import BadCursor, page_of

CARDS = 24
Kind = Template.Kind
STATES = [("", "In use"), ("archived", "Archived")]


class Find(forms.Form):
    """The filters stay in the address."""

    q = forms.CharField(
        label="Find",
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Name or words", "autocomplete": "off"}),
    )
    state = forms.ChoiceField(label="State", required=False, choices=STATES)
    kind = forms.ChoiceField(
        required=False, choices=[(Kind.SAVED, "Templates"), (Kind.MODULE, "Modules")], widget=forms.HiddenInput
    )


@needs("view_campaigns")
def templates(request: SignedIn) -> HttpResponse:
    form = Find(request.GET)
    said = form.cleaned_data if form.is_valid() else {}
    kind, is_archive = said.get("kind") or Kind.SAVED, said.get("state") == "archived"
    rows = listing.found(kind, text=said.get("q", "").strip(), is_archive=is_archive)
    try:
        page = page_of(rows, order=listing.ORDER, query=request.GET, size=CARDS)
    except BadCursor as error:
        raise BadRequest(str(error.__doc__)) from error
    context = {
        "form": form,
        "kind": kind,
        "page": page,
        "cards": listing.cards(page.rows),
        "is_archive": is_archive,
        "is_narrowed": is_archive or bool(said.get("q")),
        "gone": _just_archived(request),
    }
    return render(request, "campaigns/library/templates.html", context)


def _just_archived(request: SignedIn) -> Template | None:
    """What can be brought back with one click."""
    text = request.GET.get("gone", "")
    if not (text.isascii() and text.isdigit() and len(text) < 18):
        return None
    return Template.objects.filter(pk=int(text), archived_at__isnull=False).first()


@needs("edit_campaigns")
def new(request: SignedIn) -> HttpResponse:
    """What to begin with, and a name; then the editor."""
    kind = Kind.MODULE if request.GET.get("kind") == Kind.MODULE else Kind.SAVED
    problem, name = "", request.POST.get("name", "")
    if request.method == "POST":
        try:
            content = begun_from(starter=request.POST.get("starter", BLANK), kind=kind, now=utc_now())
            made = making.create(name, kind=kind, content=content, by=request.user, now=utc_now())
        except (making.BadName, NoSuchBeginning) as error:
            problem = str(error)
        else:
            _note(request, "created", made)
            return redirect("campaigns:editor", pk=made.pk)
    context = {
        "kind": kind,
        "problem": problem,
        "name": name or making.free_name(f"New {making.WORDS[kind]}", kind=kind),
        "beginnings": beginnings(now=utc_now()) if kind == Kind.SAVED else [],
        "chosen": request.POST.get("starter", BLANK),
    }
    return render(request, "campaigns/library/new.html", context, status=422 if problem else 200)


@needs("edit_campaigns")
@require_POST
def duplicate(request: SignedIn, pk: int) -> HttpResponse:
    found = get_object_or_404(Template, pk=pk)
    made = making.duplicate(found, by=request.user, now=utc_now())
    _note(request, "created", made, copy_of=found.name)
    messages.success(request, f"“{made.name}” is a copy: changing it leaves “{found.name}” as it is.")
    return redirect("campaigns:editor", pk=made.pk)


@needs("edit_campaigns")
@require_POST
def rename(request: SignedIn, pk: int) -> HttpResponse:
    found = get_object_or_404(Template.objects.exclude(kind=Kind.MAIL), pk=pk, archived_at=None)
    was = found.name
    try:
        making.rename(found, request.POST.get("name", ""))
    except making.BadName as error:
        messages.error(request, str(error))
    else:
        _note(request, "renamed", found, was=was)
    return _to_library(found)


@needs("edit_campaigns")
@require_POST
def archive(request: SignedIn, pk: int) -> HttpResponse:
    found = get_object_or_404(Template.objects.exclude(kind=Kind.MAIL), pk=pk, archived_at=None)
    making.archive(found, now=utc_now())
    _note(request, "archived", found)
    return _to_library(found, gone=found.pk)


@needs("edit_campaigns")
@require_POST
def restore(request: SignedIn, pk: int) -> HttpResponse:
    found = get_object_or_404(Template.objects.exclude(kind=Kind.MAIL), pk=pk, archived_at__isnull=False)
    making.restore(found)
    _note(request, "restored", found)
    messages.success(request, f"“{found.name}” is back.")
    return _to_library(found)


@needs("edit_campaigns")
@require_POST
@answers_mistakes
def save_as(request: SignedIn, pk: int) -> JsonResponse:
    """{kind: "saved", name, content?} or {kind: "module", name, block}: as the editor holds them, saved or not."""
    template, asked = get_object_or_404(Template, pk=pk), body_of(request)
    kind = asked.get("kind")
    try:
        if kind == Kind.MODULE:
            content = making.as_module(asked.get("block"))
        elif kind == Kind.SAVED:
            content = asked.get("content", template.content)
        else:
            raise BadRequestBody("Save it as “saved” or as “module”.")
        kept = content_save.keepable(content)
        made = making.create(str(asked.get("name", "")), kind=kind, content=kept, by=request.user, now=utc_now())
    except (making.BadName, making.NotReusable, content_save.NotKeepable) as error:
        raise BadRequestBody(str(error)) from error
    _note(request, "created", made, out_of=template.name)
    return JsonResponse(_said(made), status=201)


@needs("edit_campaigns")
def modules(request: SignedIn) -> JsonResponse:
    """Those that can be put into a mail, by name."""
    rows = listing.found(Kind.MODULE).order_by("name")
    return JsonResponse({"modules": [_said(one) for one in rows]})


def _said(template: Template) -> dict[str, object]:
    return {
        "id": template.pk,
        "name": template.name,
        "kind": template.kind,
        "url": reverse("campaigns:editor", args=[template.pk]),
        "card_url": reverse("campaigns:mail_card", args=[template.pk]),
    }


def _note(request: SignedIn, verb: str, template: Template, **details: object) -> None:
    words = making.WORDS[Kind(template.kind)]
    audit.record(request.user, verb=f"{verb} {words}", target=template.name, details=dict(details), now=utc_now())


def _to_library(template: Template, **more: int) -> HttpResponse:
    kind: dict[str, str | int] = {"kind": str(Kind.MODULE)} if template.kind == Kind.MODULE else {}
    query = urlencode({**kind, **more})
    return redirect(reverse("campaigns:templates") + (f"?{query}" if query else ""))
