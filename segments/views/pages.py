"""Segments in the browser: the list, and one segment's page."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from cdp.accounts import audit
from cdp.accounts.access import SignedIn, needs
from cdp.common.clock import deployment_zone, utc_now
from cdp.common.keyset import page_of
from cdp.profiles.naming import people
from cdp.rules.explain import explain
from cdp.rules.fields import RuleError
from cdp.rules.kept_cuts import cuts_for
from cdp.rules.parse import parse
from cdp.rules.to_english import to_english
from segments import save
from segments.forms import Filters
from segments.models import Membership, MembershipChange, Segment, SegmentSize

MEMBERS = CHANGES = 20
SIZES = timedelta(days=30)


@needs("view_segments")
def segments(request: SignedIn) -> HttpResponse:
    form = Filters(request.GET)
    rows = Segment.objects.filter(archived_at=None)
    if form.is_valid() and form.cleaned_data["q"]:
        rows = rows.filter(name__icontains=form.cleaned_data["q"])
    page = page_of(rows, order=("name", "id"), query=request.GET)
    return render(request, "segments/segments.html", {"page": page, "form": form})


@needs("view_segments")
def segment(request: SignedIn, pk: int) -> HttpResponse:
    found = get_object_or_404(Segment, pk=pk)
    rows = Membership.objects.filter(segment_id=pk)
    page = page_of(rows, order=("-entered_at", "-profile_id"), query=request.GET, size=MEMBERS)
    changes = list(MembershipChange.objects.filter(segment_id=pk).order_by("-id")[:CHANGES])
    known = people({row.profile_id for row in page.rows} | {row.profile_id for row in changes})
    context = {
        "segment": found,
        "english": _english(found),
        "page": page,
        "members": [(row, known.get(row.profile_id)) for row in page.rows],
        "changes": [(row, known.get(row.profile_id)) for row in changes],
        "chart": _sizes(found),
        "used_by": save.used_by(found),
    }
    return render(request, "segments/segment.html", context)


@needs("view_segments")
def why(request: SignedIn, pk: int, profile_id: int) -> HttpResponse:
    found = get_object_or_404(Segment, pk=pk)
    node, now, zone = parse(found.rule), utc_now(), deployment_zone()
    explanation = explain(node, profile_id, now=now, zone=zone, cuts=cuts_for(node, now=now, zone=zone))
    return render(request, "segments/_why.html", {"explanation": explanation, "segment": found})


@needs("edit_segments")
@require_POST
def archive(request: SignedIn, pk: int) -> HttpResponse:
    found = get_object_or_404(Segment, pk=pk, archived_at=None)
    now = utc_now()
    try:
        save.archive(found, now=now)
    except save.StillUsed as error:
        messages.error(request, f"Not archived: it is used by {error}. Change that first.")
        return redirect("segments:segment", pk=pk)
    audit.record(request.user, verb="archived segment", target=found.name, now=now)
    messages.success(request, f"“{found.name}” is archived.")
    return redirect("segments:segments")


def _english(segment: Segment) -> str:
    try:
        return to_english(parse(segment.rule))
    except RuleError as error:
        return f"The rule cannot be read any more: {error.message}"


def _sizes(segment: Segment) -> dict[str, object] | None:
    latest = SegmentSize.objects.filter(segment_id=segment.pk, at__gte=utc_now() - SIZES).order_by("at")
    points = [[row.at.isoformat(), row.size] for row in latest]
    if len(points) < 2:
        return None
    return {
        "title": "People in this segment",
        "type": "line",
        "time": True,
        "area": True,
        "yLabel": "People",
        "series": [{"name": "People", "data": points}],
    }
