"""Segments in the browser: list, builder with a live count, and one segment's page."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from cdp.accounts import audit
from cdp.accounts.access import SignedIn, needs
from cdp.common.bell import ring
from cdp.common.clock import utc_now
from cdp.common.keyset import page_of
from cdp.profiles.naming import people
from cdp.rules.explain import explain
from cdp.rules.fields import RuleError
from cdp.rules.parse import parse
from cdp.rules.sets import count, sample
from cdp.rules.to_english import to_english
from segments import save, tasks
from segments.forms import Edit, Filters, read_rule
from segments.models import Membership, MembershipChange, Segment, SegmentSize
from segments.vocabulary import vocabulary

SHOWN = 5
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


@needs("edit_segments")
def new(request: SignedIn) -> HttpResponse:
    form = Edit(request.POST or None)
    if request.method == "POST" and form.is_valid():
        segment = save.create(by=request.user, now=utc_now(), **form.cleaned_data)
        return _saved(request, segment, "created segment")
    return _builder(request, form)


@needs("edit_segments")
def edit(request: SignedIn, pk: int) -> HttpResponse:
    segment = get_object_or_404(Segment, pk=pk, archived_at=None)
    form = Edit(request.POST or None, segment=segment)
    if request.method == "POST" and form.is_valid():
        try:
            save.change(segment, now=utc_now(), **form.cleaned_data)
        except RuleError as error:
            form.add_error("rule", error.message)
        else:
            return _saved(request, segment, "changed segment")
    return _builder(request, form)


@needs("view_segments")
@require_POST
def preview(request: SignedIn) -> HttpResponse:
    """How many the rule holds for now, in words, and some of them."""
    now = utc_now()
    try:
        node = parse(read_rule(request.POST.get("rule", "")))
    except RuleError as error:
        return render(request, "segments/_preview.html", {"error": error})
    shown = people(sample(node, now=now, size=SHOWN))
    found = {"n": count(node, now=now), "english": to_english(node), "people": shown.values()}
    return render(request, "segments/_preview.html", found)


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
    explanation = explain(parse(found.rule), profile_id, now=utc_now())
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


def _builder(request: SignedIn, form: Edit) -> HttpResponse:
    segment = form.segment
    words = vocabulary(without_segment=segment.pk if segment else 0)
    context = {"form": form, "segment": segment, "words": words}
    return render(request, "segments/edit.html", context, status=422 if form.errors else 200)


def _saved(request: SignedIn, segment: Segment, verb: str) -> HttpResponse:
    audit.record(request.user, verb=verb, target=segment.name, now=utc_now())
    ring(tasks.refresh_stale)
    return redirect("segments:segment", pk=segment.pk)


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
