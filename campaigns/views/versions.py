"""What a mail, template or module was: its versions, how they looked, what changed, and the way back."""

from csp.decorators import csp
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from campaigns import content_save
from campaigns.content_back import go_back
from campaigns.content_models import Template, TemplateVersion
from campaigns.library import versions as kept
from campaigns.library.difference import difference
from campaigns.models import Campaign
from campaigns.preview_cards import card_of
from campaigns.views.sandbox import SANDBOX, framed
from cdp.accounts import audit
from cdp.accounts.access import SignedIn, needs
from cdp.common.clock import utc_now
from cdp.common.keyset import BadCursor, page_of

ROWS = 20


@needs("view_campaigns")
def versions(request: SignedIn, pk: int) -> HttpResponse:
    """Newest first, each with what it changed; with `old` and `new`, the difference of those two on top."""
    found = get_object_or_404(Template, pk=pk)
    rows = found.versions.select_related("by")
    try:
        page = page_of(rows, order=("-number",), query=request.GET, size=ROWS)
    except BadCursor as error:
        raise BadRequest(str(error.__doc__)) from error
    before = rows.filter(number__lt=page.rows[-1].number).order_by("-number").first() if page.rows else None
    older = [*page.rows[1:], before]
    campaign = Campaign.objects.filter(template=found).first()
    context = {
        "template": found,
        "campaign": campaign,
        "is_open": not found.archived_at and (campaign is None or campaign.state == Campaign.State.DRAFT),
        "page": page,
        "lines": [
            (new, difference(old.content, new.content) if old else None)
            for new, old in zip(page.rows, older, strict=True)
        ]
        if page.rows
        else [],
        "compared": _compared(request, found),
        "numbers": list(rows.order_by("-number").values_list("number", flat=True)[:200]),
    }
    return render(request, "campaigns/library/versions.html", context)


def _compared(request: SignedIn, template: Template) -> dict[str, object] | None:
    if "old" not in request.GET and "new" not in request.GET:
        return None
    old, new = (_version(template, request.GET.get(name, "")) for name in ("old", "new"))
    return {"old": old, "new": new, "difference": difference(old.content, new.content)}


def _version(template: Template, text: str) -> TemplateVersion:
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
    found = template.versions.filter(number=number).first()
    if found is None:
        raise Http404(f"There is no version {text[:9]}.")
    return found


@needs("view_campaigns")
@csp(SANDBOX)  # type: ignore[arg-type]  # typed for views without arguments
def look(request: SignedIn, pk: int, number: int) -> HttpResponse:
    """A version for the frame, as a made-up person would see it."""
    rows = TemplateVersion.objects.select_related("template")
    version = get_object_or_404(rows, template_id=pk, number=number)
    is_module = version.template.kind == Template.Kind.MODULE
    modules = kept.modules_of_version(version)
    return framed(card_of(version.content, is_module=is_module, modules=modules, now=utc_now()))


@needs("edit_campaigns")
@require_POST
def keep(request: SignedIn, pk: int) -> HttpResponse:
    found = get_object_or_404(Template, pk=pk, archived_at=None)
    note = " ".join(request.POST.get("note", "").split())[:200]
    if not note or not note.isprintable():
        messages.error(request, "Say in a few words what this version is.")
    else:
        version = kept.keep_named(found, note=note, by=request.user, now=utc_now())
        messages.success(request, f"Version {version.number} is kept as “{note}”.")
    return redirect("campaigns:mail_versions", pk=pk)


@needs("edit_campaigns")
@require_POST
def back(request: SignedIn, pk: int, number: int) -> HttpResponse:
    version = get_object_or_404(TemplateVersion, template_id=pk, number=number, template__archived_at=None)
    now = utc_now()
    try:
        template = go_back(version, by=request.user, now=now)
    except content_save.Started as error:
        messages.error(request, f"Not brought back. {error}")
    else:
        audit.record(
            request.user, verb="went back to version of mail", target=template.name, details={"to": number}, now=now
        )
        messages.success(request, f"“{template.name}” is again what it was in version {number}.")
    return redirect("campaigns:mail_versions", pk=pk)
