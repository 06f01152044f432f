"""The page of one segment, and the verbs on it."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.html import escape
from django.views.decorators.http import require_POST

from cdp.accounts import audit
from cdp.accounts.access import SignedIn, needs
from cdp.common.clock import deployment_zone, utc_now
from cdp.common.estimate import table_size
from cdp.common.keyset import BadCursor, page_of
from cdp.profiles.naming import people
from segments import save
from segments.freshness import freshness
from segments.models import Fault, Membership, MembershipChange, Segment
from segments.sentence import sentence_of
from segments.sizes import DAYS, Sizes, sizes_of
from segments.uses import Use, uses_of

MEMBERS = CHANGES = 10
FAULTS = 5
QUARTER = 90


@needs("view_segments")
def segment(request: SignedIn, pk: int) -> HttpResponse:
    found = get_object_or_404(Segment.objects.select_related("job", "created_by"), pk=pk)
    now, zone = utc_now(), deployment_zone()
    try:
        page = page_of(
            Membership.objects.filter(segment_id=pk),
            order=("-entered_at", "-profile_id"),
            query=request.GET,
            size=MEMBERS,
        )
    except BadCursor as error:
        raise BadRequest(str(error.__doc__)) from error
    changes = list(MembershipChange.objects.filter(segment_id=pk).order_by("-id")[:CHANGES])
    known = people({row.profile_id for row in page.rows} | {row.profile_id for row in changes})
    days = QUARTER if request.GET.get("days") == str(QUARTER) else DAYS
    sizes = sizes_of([pk], now=now, zone=zone, days=days)[pk]
    faults = list(Fault.objects.filter(segment_id=pk).order_by("-at")[:FAULTS])
    context = {
        "segment": found,
        "fresh": freshness(found, now=now),
        "english": sentence_of(found),
        "everybody": table_size("profiles_profile", where="merged_into is null", without="profile_by_winner"),
        "page": page,
        "members": [(row, known.get(row.profile_id)) for row in page.rows],
        "changes": [(row, known.get(row.profile_id)) for row in changes],
        "days": days,
        "sizes": sizes,
        "week_ago": now.astimezone(zone).date() - timedelta(days=6),
        "chart": _chart(sizes),
        "uses": _seen_by(request, uses_of([pk])[pk]),
        "faults": faults,
        "alarm": next((fault for fault in faults if fault.seen_at is None), None),
        "may_export": request.user.may("export_people"),
    }
    return render(request, "segments/segment.html", context)


def _seen_by(request: SignedIn, uses: list[Use]) -> list[Use]:
    return [use for use in uses if request.user.may(use.permission)]


def _chart(sizes: Sizes) -> dict[str, Any] | None:
    points = [[day.isoformat(), size] for day, size in zip(sizes.days, sizes.per_day, strict=True) if size is not None]
    if len(points) < 2:
        return None
    return {
        "title": "People in it at the end of each day",
        "type": "line",
        "area": True,
        "x": [day for day, _ in points],
        "xLabel": "Day",
        "yLabel": "People",
        "series": [{"name": "People", "data": [size for _, size in points]}],
    }


@needs("view_segments")
def sentence(request: SignedIn, pk: int) -> HttpResponse:
    """What it is, for who points at its name."""
    found = get_object_or_404(Segment, pk=pk)
    return HttpResponse(escape(f"{sentence_of(found)}."))


@needs("view_segments")
def state(request: SignedIn, pk: int) -> HttpResponse:
    """How right it is at the moment, asked for again while it is being refreshed."""
    found = get_object_or_404(Segment.objects.select_related("job"), pk=pk)
    fresh = freshness(found, now=utc_now())
    return render(request, "segments/_state_now.html", {"segment": found, "fresh": fresh})


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
    messages.success(request, f"“{found.name}” is archived. It can be restored from the filter “Archived”.")
    return redirect("segments:segments")
