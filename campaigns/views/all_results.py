"""What became of all campaigns together."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from campaigns.models import Campaign
from campaigns.results import over_all
from campaigns.results.asked import Period
from campaigns.results.over_all import COMPLAINTS_MOST, COMPLAINTS_WANTED, Days
from campaigns.results.table import rows_of
from cdp.accounts.access import SignedIn, needs
from cdp.common.clock import deployment_zone, utc_now
from cdp.common.csv_out import csv_lines
from cdp.common.readouts import kept

MOST = 200
"""Campaigns in the table; the totals are of all."""


@needs("view_campaigns")
def all_results(request: SignedIn) -> HttpResponse:
    zone, currency = deployment_zone(), settings.REPORTING_CURRENCY
    form = Period(request.GET, today=utc_now().astimezone(zone).date())
    limits = {"wanted_percent": 100 * COMPLAINTS_WANTED, "most_percent": 100 * COMPLAINTS_MOST}
    context: dict[str, Any] = {"form": form, "currency": currency, **limits}
    if form.is_valid():
        days = _days(form)
        sort = form.cleaned_data["sort"]
        told = kept(lambda: over_all.over_all(days, sort=sort), "all results", days, sort, now=utc_now())
        found = told.value
        context |= {
            "as_of": told,
            "found": found,
            "lines": found.lines[:MOST],
            "first": days.first.isoformat(),
            "last": days.last.isoformat(),
            "n_hidden": max(len(found.lines) - MOST, 0),
            "tables": [("Topics", found.topics), ("Accounts", found.accounts)],
            "charts": over_all.charts_of(found, days, currency=currency),
        }
    context["has_any"] = Campaign.objects.exclude(started_at=None).exists()
    return render(request, "campaigns/results/all.html", context, status=200 if form.is_valid() else 422)


@needs("view_campaigns")
def all_results_csv(request: SignedIn) -> HttpResponseBase:
    """The table as it is sorted: numbers only, nobody's data."""
    form = Period(request.GET, today=utc_now().astimezone(deployment_zone()).date())
    found = over_all.over_all(_days(form), sort=form.cleaned_data["sort"]) if form.is_valid() else None
    lines = csv_lines(rows_of(found.lines if found else []))
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="results.csv"'
    return answer


def _days(form: Period) -> Days:
    return Days(form.cleaned_data["first"], form.cleaned_data["last"], deployment_zone())
