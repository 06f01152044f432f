"""Campaigns in the browser: list, editor, sending and results."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from campaigns import audience, draft, target, tasks
from campaigns.check.state import standing
from campaigns.forms import Edit
from campaigns.library.begin import BLANK, NoSuchBeginning, beginnings, begun_from
from campaigns.models import Campaign
from campaigns.results import results_of
from cdp.accounts import audit
from cdp.accounts.access import SignedIn, needs
from cdp.common.bell import ring
from cdp.common.clock import deployment_zone, utc_now
from cdp.common.keyset import page_of

WITHOUT_CHECK = {"without_check": "yes"}
"""What the form sends that says so."""


@needs("view_campaigns")
def campaigns(request: SignedIn) -> HttpResponse:
    rows = Campaign.objects.prefetch_related("included", "excluded")
    page = page_of(rows, order=("-created_at", "-id"), query=request.GET)
    return render(request, "campaigns/campaigns.html", {"page": page})


@needs("edit_campaigns")
def new(request: SignedIn) -> HttpResponse:
    form, now = Edit(request.POST or None), utc_now()
    starter = request.POST.get("starter") or request.GET.get("starter") or BLANK
    if request.method == "POST" and form.is_valid():
        try:
            content = begun_from(starter=starter, now=now)
        except NoSuchBeginning as error:
            form.add_error(None, str(error))
        else:
            campaign = draft.create(
                draft.Plan(**{**form.cleaned_data, "included": tuple(form.cleaned_data["included"])}),
                content=content,
                by=request.user,
                now=now,
            )
            audit.record(request.user, verb="created campaign", target=campaign.name, now=now)
            return redirect("campaigns:editor", pk=campaign.template_id)
    return _form(request, form, beginnings=beginnings(now=now), chosen=starter)


@needs("edit_campaigns")
def edit(request: SignedIn, pk: int) -> HttpResponse:
    campaign = get_object_or_404(Campaign.objects.select_related("topic"), pk=pk)
    form = Edit(request.POST or None, campaign=campaign)
    if campaign.state != Campaign.State.DRAFT:
        messages.error(request, "This campaign was started; it can no longer be changed.")
        return redirect("campaigns:campaign", pk=pk)
    if request.method == "POST" and form.is_valid():
        try:
            draft.change(
                campaign, plan=draft.Plan(**{**form.cleaned_data, "included": tuple(form.cleaned_data["included"])})
            )
        except draft.NotADraft as error:
            messages.error(request, str(error.__doc__))
        return redirect("campaigns:campaign", pk=pk)
    return _form(request, form)


@needs("view_campaigns")
def campaign(request: SignedIn, pk: int) -> HttpResponse:
    found = get_object_or_404(Campaign.objects.select_related("template", "topic"), pk=pk)
    part = "campaigns/_results.html" if request.htmx else "campaigns/campaign.html"  # type: ignore[attr-defined]
    context: dict[str, object] = {"campaign": found, "results": results_of(found)}
    context["size"] = target.size(found, now=utc_now(), zone=deployment_zone())
    if found.state == Campaign.State.DRAFT:
        context |= {"stands": standing(found), "without_check": WITHOUT_CHECK.items()}
    return render(request, part, context)


@needs("send_campaigns")
@require_POST
def send(request: SignedIn, pk: int) -> HttpResponse:
    """What was not checked as it is now, or has errors, is sent only if that is said."""
    found = get_object_or_404(Campaign.objects.select_related("template"), pk=pk)
    now, stands = utc_now(), standing(found)
    if not stands.is_enough and any(request.POST.get(name) != value for name, value in WITHOUT_CHECK.items()):
        messages.error(request, f"Not sent. {stands.words}")
        return redirect("campaigns:campaign", pk=pk)
    try:
        n = audience.start(found, now=now, by=request.user)
    except (audience.AlreadyStarted, audience.ChangedMeanwhile) as error:
        messages.error(request, " ".join(str(error.__doc__).split()))
    except audience.NotReady as error:
        messages.error(request, f"Not sent. {' '.join(str(error.__doc__).split())} {error}")
    else:
        details = {"people": n, "check": stands.kind}
        audit.record(request.user, verb="sent campaign", target=found.name, details=details, now=now)
        ring(tasks.send)
    return redirect("campaigns:campaign", pk=pk)


def _form(request: SignedIn, form: Edit, **more: object) -> HttpResponse:
    context = {"form": form, "campaign": form.campaign, **more}
    return render(request, "campaigns/edit.html", context, status=422 if form.errors else 200)
