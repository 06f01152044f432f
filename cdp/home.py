"""The home page, and the search box of every page: they look across all parts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Sum
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from campaigns.models import Campaign
from cdp.accounts.access import SignedIn, member
from cdp.accounts.models import Source
from cdp.common import navigation
from cdp.common.estimate import table_size
from cdp.events.models import EventVolume, InboxBatch, RejectedMessage
from cdp.profiles.find import starting_with
from cdp.profiles.models import Profile
from cdp.profiles.naming import people
from segments.models import Segment

DAYS = 30
NAMES = 5
FOUND = 10


@member
def home(request: SignedIn) -> HttpResponse:
    now = timezone.now()
    today = now.date()
    volumes = EventVolume.objects.filter(on__gt=today - timedelta(days=DAYS), on__lte=today)
    numbers: dict[str, Any] = {
        "people": table_size("profiles_profile", where="merged_into is null", without="profile_by_winner"),
        "people_active": Profile.objects.filter(merged_into=None, last_seen_on=today).count(),
        "events_today": _total(volumes.filter(on=today)),
        "sources": Source.objects.filter(is_active=True).exclude(kind=Source.Kind.INTERNAL).count(),
        "quarantined": RejectedMessage.objects.filter(state=RejectedMessage.State.WAITING).count(),
        "waiting": InboxBatch.objects.count(),
        "chart": _chart(volumes, today),
    }
    if request.user.may("view_segments"):
        numbers["segments"] = Segment.objects.filter(archived_at=None).order_by("-size", "name")[:NAMES]
    if request.user.may("view_campaigns"):
        numbers["campaigns"] = Campaign.objects.order_by("-id")[:NAMES]
    return render(request, "home.html", {"now": now, **numbers})


def _total(volumes: Any) -> int:
    return int(volumes.aggregate(n=Sum("n"))["n"] or 0)


def _chart(volumes: Any, today: date) -> dict[str, Any]:
    """Events that arrived per day: the busiest names and all others."""
    busiest = [row["name"] for row in volumes.values("name").annotate(whole=Sum("n")).order_by("-whole")[:NAMES]]
    days = [today - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    per_day: dict[str, dict[date, int]] = {name: {} for name in [*busiest, "Others"]}
    for name, on, n in volumes.values_list("name", "on").annotate(whole=Sum("n")):
        row = per_day[name if name in busiest else "Others"]
        row[on] = row.get(on, 0) + n
    series = [{"name": name, "data": [row.get(day, 0) for day in days]} for name, row in per_day.items() if row]
    return {
        "type": "bar",
        "stacked": True,
        "title": "Events that arrived per day",
        "x": [day.isoformat() for day in days],
        "xLabel": "Day (UTC)",
        "yLabel": "Events",
        "series": series,
    }


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
