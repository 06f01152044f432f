"""Parts of a segment's page that are computed when it is looked at: who came and went, overlap, what sets it apart."""

from functools import partial
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from cdp.accounts.access import SignedIn, needs
from cdp.common.clock import deployment_zone, utc_now
from cdp.common.estimate import table_size
from cdp.common.readouts import kept, kept_soon
from cdp.rules.fields import RuleError
from cdp.rules.parse import parse
from cdp.rules.tree import depends
from segments.changes import Day, per_day
from segments.distinguish import differences
from segments.distinguish_computed import computed
from segments.models import Segment
from segments.overlap import active, overlaps_of
from segments.sizes import DAYS

OVERLAPS = 10
QUARTER = 90


@needs("view_segments")
def flow(request: SignedIn, pk: int) -> HttpResponse:
    found = get_object_or_404(Segment, pk=pk)
    days = QUARTER if request.GET.get("days") == str(QUARTER) else DAYS
    now, zone = utc_now(), deployment_zone()
    told = kept(lambda: per_day(pk, now=now, zone=zone, days=days), "segments.flow", pk, days, now=now)
    rows = told.value
    context = {
        "as_of": told,
        "segment": found,
        "days": days,
        "rows": [row for row in reversed(rows) if row.entered or row.left],
        "chart": _flow_chart(rows),
        "entered": sum(row.entered for row in rows),
        "left": sum(row.left for row in rows),
        "since": rows[0].on,
    }
    return render(request, "segments/_flow.html", context)


def _flow_chart(rows: list[Day]) -> dict[str, Any]:
    """Who left is drawn below the line."""
    return {
        "title": "Entered and left per day",
        "type": "bar",
        "stacked": True,
        "x": [row.on.isoformat() for row in rows],
        "xLabel": "Day",
        "yLabel": "People",
        "series": [
            {"name": "Entered", "data": [row.entered for row in rows]},
            {"name": "Left", "data": [-row.left for row in rows]},
        ],
    }


@needs("view_segments")
def overlap(request: SignedIn, pk: int) -> HttpResponse:
    found = get_object_or_404(Segment, pk=pk)
    everybody = table_size("profiles_profile", where="merged_into is null", without="profile_by_winner").n
    sample, pairs = overlaps_of(found, active(now=utc_now()), everybody=everybody)
    shown = len(pairs) if request.GET.get("all") else OVERLAPS
    context = {"segment": found, "sample": sample, "pairs": pairs[:shown], "more": max(len(pairs) - shown, 0)}
    return render(request, "segments/_overlap.html", context)


@needs("view_segments")
def distinguish(request: SignedIn, pk: int) -> HttpResponse:
    found = get_object_or_404(Segment, pk=pk)
    named = _named(found)
    said = sorted({name.partition(":")[2] for name in named if name.startswith(("trait:", "event:", "computed:"))})
    now = utc_now()
    told = kept_soon(
        lambda: differences(found, without=named, also=[partial(computed, now=now)]),
        *("segments.distinguish", pk, found.version),
        now=now,
    )
    if told is None:
        return render(request, "_counting.html")
    context = {"segment": found, "found": told.value, "left_out": said, "as_of": told}
    return render(request, "segments/_distinguish.html", context)


def _named(segment: Segment) -> frozenset[str]:
    """Facts the rule asks for."""
    try:
        return depends(parse(segment.rule))
    except RuleError:
        return frozenset()
