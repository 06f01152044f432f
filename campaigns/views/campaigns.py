"""Campaigns in the browser: the list, and the page of one."""

from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from campaigns import preview_people, said, target, used_by, verbs
from campaigns.check.state import standing
from campaigns.listing import CampaignsFilter
from campaigns.models import Campaign, Delivery
from campaigns.policy import policy
from campaigns.results.kept import results_kept
from campaigns.views.campaign_verbs import WITHOUT_CHECK
from cdp.accounts.access import SignedIn, needs
from cdp.common.clock import deployment_zone, utc_now
from cdp.common.keyset import BadCursor, page_of
from cdp.profiles.naming import people as named
from cdp.rules.fields import RuleError


@needs("view_campaigns")
def campaigns(request: SignedIn) -> HttpResponse:
    form, zone = CampaignsFilter(request.GET), deployment_zone()
    rows = form.found().prefetch_related("included", "excluded")
    page = page_of(rows, order=("-created_at", "-id"), query=request.GET)
    lines = [(one, said.when(one, zone=zone)) for one in page.rows]
    context = {"form": form, "page": page, "lines": lines, "has_any": bool(lines) or Campaign.objects.exists()}
    return render(request, "campaigns/campaigns.html", context)


@needs("view_campaigns")
def campaign(request: SignedIn, pk: int) -> HttpResponse:
    rows = Campaign.objects.select_related("template", "topic", "asked_by", "approved_by", "account")
    found = get_object_or_404(rows.prefetch_related("included", "excluded"), pk=pk)
    told = results_kept(found, now=utc_now())
    context: dict[str, object] = {"campaign": found, "results": told.value, "as_of": told}
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "campaigns/_results.html", context)
    return render(request, "campaigns/campaign.html", context | _head(request, found))


@needs("view_people")
def audience_people(request: SignedIn, pk: int) -> HttpResponse:
    """Who is in its audience now, by id."""
    found, now = get_object_or_404(Campaign.objects.prefetch_related("included", "excluded"), pk=pk), utc_now()
    context: dict[str, object] = {"campaign": found, "now": now}
    try:
        target.rule_of(found)
        who = preview_people.audience_for(found, now=now, zone=deployment_zone())
        page = page_of(who.people(), order=("id",), query=request.GET)
        context |= {"page": page, "people": named([one.pk for one in page.rows]).values()}
    except RuleError as error:
        context["problem"] = error.message
    except BadCursor as error:
        raise BadRequest(str(error.__doc__)) from error
    return render(request, "campaigns/audience.html", context)


def _head(request: SignedIn, found: Campaign) -> dict[str, object]:
    """What it is, and what can be done with it."""
    now, zone = utc_now(), deployment_zone()
    numbers = said.Numbers(None)
    context: dict[str, object] = {"when": said.when(found, zone=zone), "without_check": WITHOUT_CHECK.items()}
    try:
        numbers = said.Numbers(target.size(found, now=now, zone=zone), verbs.waiting(found), _got(found))
    except RuleError as error:
        context["problem"] = error.message
    uses = [use for use in used_by.uses_of(found) if request.user.may(use.permission)]
    followers = used_by.followers(uses)
    acts = said.acts(found, numbers, zone=zone, user_id=request.user.pk, followers=followers)
    context |= {
        "uses": uses,
        "size": numbers.audience,
        "acts": [one for one in acts if request.user.may(one.permission)],
    }
    if found.state == Campaign.State.DRAFT:
        stands = standing(found)
        n = stands.check.reached if stands.is_enough and stands.check else numbers.audience
        start = said.start(found, numbers, needs_approval=policy().needs_approval, n=n, zone=zone)
        context |= {"stands": stands, "start": start}
    return context


def _got(campaign: Campaign) -> int:
    return Delivery.objects.filter(campaign_id=campaign.pk, state=Delivery.State.ACCEPTED).count()
