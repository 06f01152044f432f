"""Home: what is going on, at a glance. The page is a frame; each part loads by itself, for those who may see it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from campaigns.models import Campaign
from cdp.accounts.access import SignedIn, member, needs
from cdp.common.clock import deployment_zone, utc_now
from cdp.common.estimate import table_size
from cdp.common.keyset import BadCursor, page_of
from cdp.home import charts, counts, duplicates, growth, live, predictors, problems, sent, start, tasks
from cdp.home.kept import Counter, Kept, look_up
from cdp.home.span import CHOICES, Span, SpanForm
from cdp.profiles.models import Profile
from cdp.profiles.naming import people as named
from identity.models import Merge
from segments.models import Segment

MUCH = 4
"""So many segments or campaigns need more room."""


@dataclass(frozen=True)
class Part:
    """A part of the page. `width` and `room` are the classes that keep its place while it loads."""

    title: str
    url_name: str
    permission: str
    width: str
    room: str
    is_card: bool = True
    has_title: bool = True
    """A chart says itself what it is of."""


PARTS = (
    Part("People", "home_people", "view_people", "home-wide", "home-stats", is_card=False, has_title=False),
    Part("People per day", "home_people_chart", "view_people", "home-most", "home-chart", has_title=False),
    Part("Arriving now", "home_live", "view_data", "home-least", "home-chart"),
    Part("Needs attention", "home_problems", "view_data", "home-most", "home-list"),
    Part("Duplicates", "home_duplicates", "view_data", "home-least", "home-list"),
    Part("Segments", "home_segments", "view_segments", "home-half", "home-long"),
    Part("Campaigns", "home_campaigns", "view_campaigns", "home-half", "home-long"),
    Part("Events", "home_events_chart", "view_data", "home-half", "home-chart", has_title=False),
    Part("Revenue", "home_revenue_chart", "view_data", "home-half", "home-chart", has_title=False),
    Part("Predictions", "home_predictions", "view_predictions", "home-wide", "home-list"),
)


@member
@never_cache
def home(request: SignedIn) -> HttpResponse:
    now = utc_now()
    form = SpanForm(request.GET, now=now, zone=deployment_zone())
    context: dict[str, Any] = {
        "form": form,
        "span": form.span,
        "choices": CHOICES,
        "now": now,
        "parts": [one for one in PARTS if request.user.may(one.permission)],
        "has_people": Profile.objects.exists(),
        "is_much": any(len(rows.values("pk")[:MUCH]) == MUCH for rows in (Segment.objects, Campaign.objects)),
        "steps": start.for_home(request.user),
    }
    return render(request, "home/home.html", context, status=422 if form.problems else 200)


def _span(request: SignedIn, now: datetime) -> Span:
    return SpanForm(request.GET, now=now, zone=deployment_zone()).span


def _counted(count: Counter, span: Span, now: datetime) -> Kept:
    return look_up(count, *counts.arguments_of(span), now=now, ask=tasks.ask)


def _is_seen(request: SignedIn, found: Kept) -> bool:
    """An old number that is shown already asks whether there is a newer one (templates/home/_age.html)."""
    return found.is_counted_anew and request.GET.get("seen") == found.at.isoformat()


NOTHING_NEW = 204


@needs("view_people")
def people(request: SignedIn) -> HttpResponse:
    now = utc_now()
    span = _span(request, now)
    found = _counted(counts.people_by_day, span, now)
    if _is_seen(request, found):
        return HttpResponse(status=NOTHING_NEW)
    context = {
        "span": span,
        "found": found,
        "size": table_size("profiles_profile", where="merged_into is null", without="profile_by_winner"),
    }
    if found.value:
        context |= {name: sum(found.value[name]) for name in ("new", "merged")} | {"active": found.value["active"]}
    return render(request, "home/_people.html", context)


@needs("view_people")
def people_chart(request: SignedIn) -> HttpResponse:
    return _chart(request, counts.people_by_day, charts.people_chart, name="people")


@needs("view_data")
def events_chart(request: SignedIn) -> HttpResponse:
    return _chart(request, counts.events_by_day, charts.events_chart, name="events")


@needs("view_data")
def revenue_chart(request: SignedIn) -> HttpResponse:
    def of(found: Any, span: Span) -> charts.Chart | None:
        return charts.revenue_chart(found, span, currency=settings.REPORTING_CURRENCY)

    return _chart(request, counts.orders_by_day, of, name="revenue")


def _chart(
    request: SignedIn, count: Counter, chart_of: Callable[[Any, Span], charts.Chart | None], *, name: str
) -> HttpResponse:
    now = utc_now()
    span = _span(request, now)
    found = _counted(count, span, now)
    if _is_seen(request, found):
        return HttpResponse(status=NOTHING_NEW)
    chart = chart_of(found.value, span) if found.value is not None else None
    context = {"span": span, "found": found, "chart": chart, "name": name, "currency": settings.REPORTING_CURRENCY}
    if name == "revenue" and found.value:
        context |= {part: sum(found.value[part]) for part in ("orders", "revenue")}
    return render(request, "home/_chart_part.html", context)


@needs("view_data")
@never_cache
def live_part(request: SignedIn) -> HttpResponse:
    now = utc_now()
    return render(request, "home/_live.html", {"live": live.live(now=now), "now": now})


@needs("view_segments")
def segments(request: SignedIn) -> HttpResponse:
    now = utc_now()
    span = _span(request, now)
    return render(request, "home/_segments.html", {"span": span, "growth": growth.growth(span, now=now)})


@needs("view_campaigns")
def campaigns(request: SignedIn) -> HttpResponse:
    now = utc_now()
    span = _span(request, now)
    found = _counted(counts.campaign_results, span, now)
    if _is_seen(request, found):
        return HttpResponse(status=NOTHING_NEW)
    context = {
        "span": span,
        "found": found,
        "running": sent.running(),
        "sent": sent.sent(found.value or []),
        "total": sent.totals(found.value or []),
        "n_sent": len(found.value or []),
        "currency": settings.REPORTING_CURRENCY,
        "first": span.first.isoformat(),
        "last": span.last.isoformat(),
    }
    return render(request, "home/_campaigns.html", context)


@needs("view_predictions")
def predictions(request: SignedIn) -> HttpResponse:
    found = predictors.predictions(now=utc_now())
    return render(request, "home/_predictions.html", {"found": found})


@needs("view_data")
def duplicates_part(request: SignedIn) -> HttpResponse:
    zone = deployment_zone()
    began = datetime.combine(utc_now().astimezone(zone).date(), time.min, zone)
    context = {
        "found": duplicates.duplicates(today_began=began),
        "may_review": request.user.may("review_duplicates"),
        "today": began.date().isoformat(),
    }
    return render(request, "home/_duplicates.html", context)


@needs("view_data")
def problems_part(request: SignedIn) -> HttpResponse:
    return render(request, "home/_problems.html", {"found": problems.problems(request.user, now=utc_now())})


@needs("view_people")
def merged(request: SignedIn) -> HttpResponse:
    """Whom the number of merges counts: one line for each profile that went into another, the newest first."""
    form = SpanForm(request.GET, now=utc_now(), zone=deployment_zone())
    span = form.span
    rows = Merge.objects.filter(verb=Merge.Verb.MERGED, undone_at=None, at__gte=span.since, at__lt=span.until).defer(
        "evidence"
    )
    try:
        page = page_of(rows, order=("-at", "-id"), query=request.GET)
    except BadCursor as error:
        raise BadRequest(str(error.__doc__)) from error
    heirs = _heirs({one.winner_id for one in page.rows})
    known = named(heirs.values())
    context = {
        "form": form,
        "span": span,
        "page": page,
        "lines": [(one, known.get(heirs[one.winner_id])) for one in page.rows],
        "may_review": request.user.may("review_duplicates"),
    }
    return render(request, "home/merged.html", context, status=422 if form.problems else 200)


def _heirs(profile_ids: set[int]) -> dict[int, int]:
    """Of those who were merged away since, who lives on."""
    merged_since = Profile.objects.filter(pk__in=profile_ids, merged_into__isnull=False)
    into = dict(merged_since.values_list("pk", "merged_into"))
    return {one: into.get(one) or one for one in profile_ids}
