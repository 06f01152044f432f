"""What starts a triggered campaign, in the browser."""

from datetime import datetime, timedelta

from django.contrib import messages
from django.db.models import Exists, OuterRef, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from campaigns.models import Campaign, Delivery, Triggered
from campaigns.triggers import ready_made
from campaigns.triggers.figures import figures, lines
from campaigns.triggers.forms import SetUp
from campaigns.triggers.set_up import NotNow, may_change, set_up
from campaigns.triggers.words import said
from cdp.accounts import audit
from cdp.accounts.access import SignedIn, needs
from cdp.common.clock import deployment_zone, utc_now
from cdp.common.keyset import page_of
from cdp.rules.days import midnight
from segments.vocabulary import vocabulary

Outcome = Triggered.Outcome


@needs("view_campaigns")
def trigger(request: SignedIn, pk: int) -> HttpResponse:
    """For those who may change it, and while it may be changed, a form; else what it does, in words."""
    campaign = get_object_or_404(Campaign, pk=pk)
    if not (request.user.may("edit_campaigns") and may_change(campaign)):
        return render(request, "campaigns/triggers/shown.html", {"campaign": campaign, **section(campaign)})
    form = SetUp(request.POST or None, campaign=campaign)
    if request.method == "POST" and form.is_valid():
        try:
            set_up(campaign, form.flow())
        except NotNow as error:
            messages.error(request, str(error))
        else:
            audit.record(request.user, verb="changed trigger", target=campaign.name, now=utc_now())
            messages.success(request, "Saved.")
            return redirect("campaigns:campaign", pk=pk)
    context = {"campaign": campaign, "form": form, "words": vocabulary(), "is_paused": campaign.state != "draft"}
    return render(request, "campaigns/triggers/set_up.html", context, status=422 if form.errors else 200)


CHOICES = (
    ("", "All"),
    ("today", "Today"),
    ("week", "Last 7 days"),
    ("waiting", "Waiting now"),
    ("again", "Had it before"),
)


@needs("view_campaigns")
def people(request: SignedIn, pk: int) -> HttpResponse:
    """For whom it was started, the latest first."""
    campaign, now = get_object_or_404(Campaign, pk=pk), utc_now()
    planned = Delivery.objects.filter(campaign_id=pk, state=Delivery.State.PLANNED)
    wanted = {
        "today": Q(outcome=Outcome.STARTED, noted_at__gte=_midnight()),
        "week": Q(outcome=Outcome.STARTED, noted_at__gt=now - timedelta(days=7)),
        "again": Q(outcome=Outcome.AGAIN, noted_at__gt=now - timedelta(days=7)),
        "waiting": Exists(planned.filter(occurrence=OuterRef("occurrence"))),
    }
    which = request.GET.get("which", "")
    rows = Triggered.objects.filter(wanted.get(which, Q()), campaign_id=pk)
    page = page_of(rows, order=("-noted_at", "-occurrence"), query=request.GET)
    context = {"campaign": campaign, "page": page, "which": which, "choices": CHOICES}
    return render(request, "campaigns/triggers/people.html", {**context, "lines": lines(campaign, page.rows)})


@needs("edit_campaigns")
@require_POST
def begin(request: SignedIn, key: str) -> HttpResponse:
    """A ready-made one, as a draft that can be changed in all its parts."""
    now = utc_now()
    try:
        campaign = ready_made.create(key, by=request.user, now=now)
    except ready_made.NoSuchOne as error:
        messages.error(request, str(error.__doc__))
        return redirect("campaigns:new")
    audit.record(request.user, verb="created campaign", target=campaign.name, now=now)
    messages.success(request, "Made as a draft: look at its mail and at what starts it, then start it.")
    return redirect("campaigns:campaign", pk=campaign.pk)


def section(campaign: Campaign) -> dict[str, object]:
    """For the page of a triggered campaign; of others nothing."""
    if campaign.kind != Campaign.Kind.TRIGGERED:
        return {}
    return {"said": said(campaign), "triggered": figures(campaign, now=utc_now(), midnight=_midnight())}


def _midnight() -> datetime:
    zone = deployment_zone()
    return midnight(utc_now().astimezone(zone).date(), zone)
