"""The home page, and the search box of every page: they look across all parts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.db.models import Sum
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from campaigns.models import Campaign, Endpoint
from cdp.accounts.access import SignedIn, member
from cdp.accounts.models import Source
from cdp.common import navigation
from cdp.common.estimate import table_size
from cdp.events.models import EventVolume, InboxBatch, RejectedMessage
from cdp.profiles.find import starting_with
from cdp.profiles.models import Profile
from cdp.profiles.naming import people
from segments.models import Fault, Segment

DAYS = 30
NAMES = 5
FOUND = 10
CHART, CHART_KEPT_S = "home-chart", 60


@member
def home(request: SignedIn) -> HttpResponse:
    now = timezone.now()
    today = now.date()
    numbers: dict[str, Any] = {
        "people": table_size("profiles_profile", where="merged_into is null", without="profile_by_winner"),
        "people_active": Profile.objects.filter(merged_into=None, last_seen_on__gt=today - timedelta(days=7)).count(),
        "events_today": EventVolume.objects.filter(on=today).aggregate(n=Sum("n"))["n"] or 0,
        "sources": Source.objects.filter(is_active=True).exclude(kind=Source.Kind.INTERNAL).count(),
        "quarantined": RejectedMessage.objects.filter(state=RejectedMessage.State.WAITING).count(),
        "waiting": InboxBatch.objects.count(),
        "chart": _chart(today),
    }
    if request.user.may("view_segments"):
        numbers["faulty"] = Segment.objects.filter(pk__in=Fault.objects.filter(seen_at=None).values("segment_id"))
        numbers["segments"] = Segment.objects.filter(archived_at=None).order_by("-size", "name")[:NAMES]
    if request.user.may("view_campaigns"):
        numbers["campaigns"] = Campaign.objects.order_by("-id")[:NAMES]
    if request.user.may("manage_sending"):
        numbers["silent"] = Endpoint.objects.filter(state=Endpoint.State.DISABLED).order_by("name")
    return render(request, "home.html", {"now": now, **numbers})


def _chart(today: date) -> dict[str, Any]:
    """The busiest events of the last days, by when they happened: imports tell of the past too.

    An index-only scan, still a quarter of a second at two million events a month: kept for a minute.
    """
    chart: dict[str, Any] | None = cache.get(CHART)
    if chart is None:
        days = [today - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
        per_day: dict[str, dict[date, int]] = {name: {} for name in _busiest()}
        for name, on, n in _counts(list(per_day), since=days[0]):
            per_day[name][on] = n
        series = [{"name": name, "data": [row.get(day, 0) for day in days]} for name, row in per_day.items() if row]
        chart = {
            "type": "bar",
            "stacked": True,
            "title": "The most frequent events per day",
            "series": series,
            "x": [day.isoformat() for day in days],
            "xLabel": "Day (UTC)",
            "yLabel": "Events",
        }
        cache.set(CHART, chart, CHART_KEPT_S)
    return chart


def _busiest() -> list[str]:
    rows = EventVolume.objects.values("name").annotate(whole=Sum("n")).order_by("-whole", "name")
    return [row["name"] for row in rows[:NAMES]]


def _counts(names: list[str], *, since: date) -> list[tuple[str, date, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select name, (occurred_at at time zone 'UTC')::date, count(*) from events_event"
            " where name = any(%s) and occurred_at >= %s group by 1, 2",
            [names, since],
        )
        return list(cursor.fetchall())


@dataclass(frozen=True)
class Found:
    """One place that the search leads to."""

    kind: str
    name: str
    note: str
    url: str


@member
def search(request: SignedIn) -> HttpResponse:
    """People by any identifier, segments and campaigns and pages by name; only what the visitor may open."""
    text = request.GET.get("q", "").strip()[:200]
    found = [*_people(request, text), *_named(request, text), *_pages(request, text)] if text else []
    return render(request, "search.html", {"q": text, "found": found})


def _people(request: SignedIn, text: str) -> Iterable[Found]:
    if not request.user.may("view_people"):
        return
    matches = starting_with(text)
    for profile_id, person in list(people(matches).items())[:FOUND]:
        yield Found("Person", person.name, matches[profile_id], reverse("profiles:detail", args=[person.uuid]))


def _named(request: SignedIn, text: str) -> Iterable[Found]:
    if request.user.may("view_segments"):
        for segment in Segment.objects.filter(archived_at=None, name__icontains=text).order_by("name")[:FOUND]:
            yield Found("Segment", segment.name, "", reverse("segments:segment", args=[segment.pk]))
    if request.user.may("view_campaigns"):
        for campaign in Campaign.objects.filter(name__icontains=text).order_by("name")[:FOUND]:
            yield Found("Campaign", campaign.name, "", reverse("campaigns:campaign", args=[campaign.pk]))


def _pages(request: SignedIn, text: str) -> Iterable[Found]:
    for item in navigation.declared():
        if text.lower() in item.label.lower() and (not item.permission or request.user.may(item.permission)):
            try:
                yield Found("Page", item.label, item.area.label, reverse(item.url_name))
            except NoReverseMatch:
                continue
