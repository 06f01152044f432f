"""What became of one campaign: its numbers, its parts, its links and its people."""

from typing import Any

from csp.decorators import csp
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import slugify

from campaigns import policy
from campaigns.content.press import About
from campaigns.models import Campaign, Variant
from campaigns.results import attribute, recipients
from campaigns.results.asked import Costs, branches_of
from campaigns.results.blocks import blocks_of
from campaigns.results.by_segment import FIRST, MOST, by_segment
from campaigns.results.click_map import CannotBeShown, click_map
from campaigns.results.contents import Said, said_by
from campaigns.results.kept import kept_of, results_kept, soon_of
from campaigns.results.over_time import charts_of, span_of
from campaigns.views.sandbox import SANDBOX, framed
from cdp.accounts import audit
from cdp.accounts.access import SignedIn, needs
from cdp.common.clock import deployment_zone, utc_now
from cdp.common.csv_out import csv_lines
from cdp.common.keyset import BadCursor, page_of
from segments.models import Segment

HOURLY_DAYS = 3
"""So long after its start a campaign is shown by hour, unless days are asked for."""


@needs("view_campaigns")
def results_now(request: SignedIn, pk: int) -> HttpResponse:
    """The section of the campaign's page; it asks for itself again while mails go out."""
    found = _campaign(pk)
    told = results_kept(found, now=utc_now())
    return render(request, "campaigns/_results.html", {"campaign": found, "results": told.value, "as_of": told})


@needs("view_campaigns")
def results(request: SignedIn, pk: int) -> HttpResponse:
    found, holds = _campaign(pk), policy.policy()
    told = results_kept(found, now=utc_now())
    context = {
        **_head(found, "overview"),
        "results": told.value,
        "as_of": told,
        "click_days": holds.click_days if found.conversion_days is None else found.conversion_days,
        "open_days": holds.open_days,
    }
    return render(request, "campaigns/results/overview.html", context)


@needs("view_campaigns")
def results_charts(request: SignedIn, pk: int) -> HttpResponse:
    """A part of the page that loads by itself: the numbers need not wait for it."""
    found, now, zone = _campaign(pk), utc_now(), deployment_zone()
    is_young = found.started_at is not None and (now - found.started_at).days < HOURLY_DAYS
    asked = request.GET.get("by")
    unit = asked if asked in ("hour", "day") else "hour" if is_young else "day"
    span = span_of(found, unit=unit, now=now, zone=zone)
    told = soon_of(found, lambda: charts_of(found, span, currency=_currency()), "charts", unit, now=now)
    if told is None:
        return render(request, "_counting.html")
    context = {"campaign": found, "charts": told.value, "unit": unit, "as_of": told}
    return render(request, "campaigns/results/_charts.html", context)


@needs("view_campaigns")
def results_blocks(request: SignedIn, pk: int) -> HttpResponse:
    """By block and branch, and by segment."""
    found = _campaign(pk)
    asked = [int(text) for text in request.GET.getlist("segment")[:MOST] if text.isascii() and text.isdigit()]
    listed = Segment.objects.filter(archived_at=None).order_by("-size", "name")
    chosen = list(listed.filter(pk__in=[one for one in asked if one < 2**31])) if asked else list(listed[:FIRST])
    variants = dict(Variant.objects.filter(campaign=found).values_list("number", "name"))
    ids = tuple(one.pk for one in chosen)
    told = kept_of(found, lambda: (blocks_of(found), by_segment(found, chosen)), "blocks", ids, now=utc_now())
    blocks, segments = told.value
    context = {
        **_head(found, "blocks"),
        "blocks": blocks,
        "as_of": told,
        "variants": variants,
        "segments": segments,
        "all_segments": listed[:200],
        "chosen": {one.pk for one in chosen},
        "most": MOST,
    }
    return render(request, "campaigns/results/blocks.html", context)


@needs("view_campaigns")
def results_map(request: SignedIn, pk: int) -> HttpResponse:
    """The mail with the clicks on it, and the same as a list."""
    found = _campaign(pk)
    said = said_by(found)
    names = dict(Variant.objects.filter(campaign=found).values_list("number", "name"))
    variant = _variant(request, said)
    context: dict[str, Any] = {**_head(found, "map"), "variants": [(n, names.get(n, "The mail")) for n in said]}
    if variant is not None:
        forced = branches_of(request.GET)
        context |= {"variant": variant, "places": _places(said[variant], forced)}
        try:
            context["map"] = click_map(
                found, said[variant], variant=variant, forced=forced, about=_about(found), now=utc_now()
            )
        except CannotBeShown as error:
            context["problem"] = str(error)
    return render(request, "campaigns/results/map.html", context)


@needs("view_campaigns")
@csp(SANDBOX)  # type: ignore[arg-type]  # typed for views without arguments
def results_map_frame(request: SignedIn, pk: int) -> HttpResponse:
    """The mail itself, for the frame."""
    found = _campaign(pk)
    said = said_by(found)
    variant = _variant(request, said)
    if variant is None:
        raise Http404
    try:
        made = click_map(
            found, said[variant], variant=variant, forced=branches_of(request.GET), about=_about(found), now=utc_now()
        )
    except CannotBeShown as error:
        raise Http404 from error
    return framed(made.html)


@needs("view_campaigns")
def results_people(request: SignedIn, pk: int) -> HttpResponse:
    found = _campaign(pk)
    form = recipients.Recipients(request.GET, campaign=found, zone=deployment_zone())
    try:
        page = page_of(form.found(), order=recipients.ORDER, query=request.GET)
    except BadCursor as error:
        raise BadRequest(str(error.__doc__)) from error
    variants = dict(Variant.objects.filter(campaign=found).values_list("number", "name"))
    lines = recipients.lines_of(page.rows)
    for line in lines:
        line["variant"] = variants.get(line["row"].variant, "")
    context = {**_head(found, "people"), "form": form, "page": page, "lines": lines, "has_variants": bool(variants)}
    return render(request, "campaigns/results/people.html", context, status=200 if form.is_valid() else 422)


@needs("export_people")
def results_people_csv(request: SignedIn, pk: int) -> HttpResponseBase:
    """Everybody of the list as it is filtered."""
    found = _campaign(pk)
    form = recipients.Recipients(request.GET, campaign=found, zone=deployment_zone())
    if not form.is_valid():
        raise BadRequest("A filter makes no sense. Open the list again from the results.")
    variants = dict(Variant.objects.filter(campaign=found).values_list("number", "name"))
    audit.record(request.user, verb="exported recipients of campaign", target=found.name, now=utc_now())
    lines = csv_lines(recipients.rows_of(form.found(), variants))
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="campaign-{slugify(found.name)[:60] or found.pk}.csv"'
    return answer


@needs("edit_campaigns")
def results_costs(request: SignedIn, pk: int) -> HttpResponse:
    """Bills come later than mails: costs and the window may be said after the campaign was sent."""
    found, now = _campaign(pk), utc_now()
    before, usual = found.conversion_days, policy.policy().click_days
    form = Costs(request.POST or None, instance=found, currency=_currency(), usual_days=usual)
    if request.method == "POST" and form.is_valid():
        Campaign.objects.filter(pk=pk).update(**form.cleaned_data)
        if form.cleaned_data["conversion_days"] != before:
            attribute.read_again(now=now, campaign=found)
            messages.success(request, "Orders are led back anew; that takes some seconds.")
        audit.record(request.user, verb="changed costs of campaign", target=found.name, now=now)
        return redirect("campaigns:results", pk=pk)
    context = {**_head(found, "overview"), "form": form}
    return render(request, "campaigns/results/costs.html", context, status=422 if form.errors else 200)


def _places(said: Said, forced: dict[str, int]) -> list[dict[str, Any]]:
    """Where one may choose a branch: its words, and the value of each."""
    return [
        {
            "label": split.label,
            "branches": [
                (f"{split.key}:{n}", words, forced.get(split.key) == n) for n, words in enumerate(split.branches)
            ],
        }
        for split in said.compiled.splits
    ]


def _campaign(pk: int) -> Campaign:
    rows = Campaign.objects.select_related("template", "version", "topic", "account")
    return get_object_or_404(rows, pk=pk)


def _head(campaign: Campaign, tab: str) -> dict[str, Any]:
    return {"campaign": campaign, "tab": tab, "currency": _currency()}


def _currency() -> str:
    return str(settings.REPORTING_CURRENCY)


def _variant(request: SignedIn, said: dict[int, Said]) -> int | None:
    text = request.GET.get("variant", "")
    asked = int(text) if text.isascii() and text.isdigit() and len(text) < 5 else None
    return asked if asked in said else min(said, default=None)


def _about(campaign: Campaign) -> About:
    return About(settings.PUBLIC_URL, deployment_zone(), campaign=campaign.name, is_tracked=False)
