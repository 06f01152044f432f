"""Making a campaign, changing and copying it; how many people it would be for while one says so."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from campaigns import draft, target, verbs
from campaigns.accounts import senders
from campaigns.forms import Edit
from campaigns.library.begin import BLANK, NoSuchBeginning, beginnings, begun_from
from campaigns.models import Campaign
from cdp.accounts import audit
from cdp.accounts.access import SignedIn, needs
from cdp.common.clock import deployment_zone, utc_now
from cdp.rules.fields import RuleError
from segments.vocabulary import vocabulary

LIMITS = ("holdout_percent", "priority", "is_capped", "keeps_quiet", "purpose")
MONEY = ("cost", "conversion_days", "adds_utm", "utm_source", "utm_medium", "utm_campaign", "utm_content")


@needs("edit_campaigns")
def new(request: SignedIn) -> HttpResponse:
    now = utc_now()
    form = Edit(request.POST or None, zone=deployment_zone(), now=now)
    starter = request.POST.get("starter") or request.GET.get("starter") or BLANK
    if request.method == "POST" and form.is_valid():
        try:
            content = begun_from(starter=starter, now=now)
        except NoSuchBeginning as error:
            form.add_error(None, str(error))
        else:
            campaign = draft.create(form.plan(), content=content, by=request.user, now=now)
            audit.record(request.user, verb="created campaign", target=campaign.name, now=now)
            _warn(request, campaign.sender)
            return redirect("campaigns:editor", pk=campaign.template_id)
    return _form(request, form, beginnings=beginnings(now=now), chosen=starter)


@needs("edit_campaigns")
def edit(request: SignedIn, pk: int) -> HttpResponse:
    campaign = get_object_or_404(Campaign.objects.select_related("topic"), pk=pk)
    if campaign.state != Campaign.State.DRAFT:
        messages.error(request, "Only a draft can be changed. Take it back first, or make a copy.")
        return redirect("campaigns:campaign", pk=pk)
    form = Edit(request.POST or None, campaign=campaign, zone=deployment_zone(), now=utc_now())
    if request.method == "POST" and form.is_valid():
        try:
            draft.change(campaign, plan=form.plan())
        except draft.NotADraft as error:
            messages.error(request, str(error.__doc__))
        else:
            audit.record(request.user, verb="changed campaign", target=form.plan().name, now=utc_now())
            _warn(request, form.plan().sender)
        return redirect("campaigns:campaign", pk=pk)
    return _form(request, form)


@needs("edit_campaigns")
@require_POST
def copy(request: SignedIn, pk: int) -> HttpResponse:
    made = verbs.copy(get_object_or_404(Campaign, pk=pk), by=request.user, now=utc_now())
    messages.success(request, f"“{made.name}” is a draft with the same settings and mail.")
    return redirect("campaigns:campaign", pk=made.pk)


@needs("edit_campaigns")
@require_POST
def audience_size(request: SignedIn) -> HttpResponse:
    """Of what the form says now, saved or not."""
    now, zone = utc_now(), deployment_zone()
    to = Edit(request.POST, zone=zone, now=now).target()
    context: dict[str, object] = {"counted": True}
    if to is None:
        context["problem"] = "The audience cannot be counted as it is written."
    elif to.is_everybody and request.POST.get("kind") != Campaign.Kind.TRIGGERED:
        context["problem"] = "Choose a segment to see how many people it is."
    else:
        try:
            context["size"] = target.size(to, now=now, zone=zone)
        except RuleError as error:
            context["problem"] = f"The rule cannot be read: {error.message}."
    return render(request, "campaigns/_size.html", context)


def _form(request: SignedIn, form: Edit, **more: object) -> HttpResponse:
    context = {
        "form": form,
        "campaign": form.campaign,
        "words": vocabulary(),
        "zone": form.zone.key,
        "opens_limits": any(name in form.errors for name in LIMITS),
        "opens_money": any(name in form.errors for name in MONEY),
        **more,
    }
    return render(request, "campaigns/edit.html", context, status=422 if form.errors else 200)


def _warn(request: SignedIn, sender: str) -> None:
    """Of what its domain lacks. It is saved all the same."""
    for said in senders.warnings(sender):
        messages.warning(request, said)
