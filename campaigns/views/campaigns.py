"""Campaigns in the browser: list, editor, sending and results."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from campaigns import audience, draft, tasks
from campaigns.forms import Edit
from campaigns.models import Campaign
from campaigns.results import results_of
from cdp.accounts import audit
from cdp.accounts.access import SignedIn, needs
from cdp.common.bell import ring
from cdp.common.clock import utc_now
from cdp.common.keyset import page_of
from segments.vocabulary import vocabulary


@needs("view_campaigns")
def campaigns(request: SignedIn) -> HttpResponse:
    rows = Campaign.objects.select_related("segment")
    page = page_of(rows, order=("-created_at", "-id"), query=request.GET)
    return render(request, "campaigns/campaigns.html", {"page": page})


@needs("edit_campaigns")
def new(request: SignedIn) -> HttpResponse:
    form = Edit(request.POST or None)
    if request.method == "POST" and form.is_valid():
        now = utc_now()
        campaign = draft.create(draft.Plan(**form.cleaned_data), by=request.user, now=now)
        audit.record(request.user, verb="created campaign", target=campaign.name, now=now)
        return redirect("campaigns:campaign", pk=campaign.pk)
    return _editor(request, form)


@needs("edit_campaigns")
def edit(request: SignedIn, pk: int) -> HttpResponse:
    campaign = get_object_or_404(Campaign.objects.select_related("template"), pk=pk)
    form = Edit(request.POST or None, campaign=campaign)
    if campaign.state != Campaign.State.DRAFT:
        messages.error(request, "This campaign was started; it can no longer be changed.")
        return redirect("campaigns:campaign", pk=pk)
    if request.method == "POST" and form.is_valid():
        draft.change(campaign, plan=draft.Plan(**form.cleaned_data), now=utc_now())
        return redirect("campaigns:campaign", pk=pk)
    return _editor(request, form)


@needs("view_campaigns")
def campaign(request: SignedIn, pk: int) -> HttpResponse:
    found = get_object_or_404(Campaign.objects.select_related("segment", "template", "topic"), pk=pk)
    part = "campaigns/_results.html" if request.htmx else "campaigns/campaign.html"  # type: ignore[attr-defined]
    return render(request, part, {"campaign": found, "results": results_of(found)})


@needs("send_campaigns")
@require_POST
def send(request: SignedIn, pk: int) -> HttpResponse:
    found = get_object_or_404(Campaign, pk=pk)
    now = utc_now()
    try:
        n = audience.start(found, now=now)
    except audience.AlreadyStarted:
        messages.error(request, "This campaign was started before.")
    else:
        audit.record(request.user, verb="sent campaign", target=found.name, details={"people": n}, now=now)
        ring(tasks.send)
    return redirect("campaigns:campaign", pk=pk)


def _editor(request: SignedIn, form: Edit) -> HttpResponse:
    context = {"form": form, "campaign": form.campaign, "words": vocabulary()}
    return render(request, "campaigns/edit.html", context, status=422 if form.errors else 200)
