"""The list of segments: search, filters, sorting, verbs for many, export of what is seen."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from cdp.accounts import audit
from cdp.accounts.access import SignedIn, needs
from cdp.common.bell import ring
from cdp.common.clock import deployment_zone, utc_now
from cdp.common.csv_out import csv_lines
from cdp.common.keyset import BadCursor, page_of
from segments import tasks
from segments.filters import ORDERS, SegmentsFilter, folders
from segments.freshness import freshness
from segments.many import Done, archive_many, move_many, restore_many
from segments.models import Segment
from segments.sizes import Sizes, sizes_of
from segments.uses import uses_of

EXPORT_MOST = 10_000
HEAD = ("id", "name", "description", "folder", "people", "change in 7 days", "state", "right as of", "used by")


@dataclass(frozen=True)
class Line:
    """One segment in the list."""

    segment: Segment
    sizes: Sizes
    used_by: int


@needs("view_segments")
def segments(request: SignedIn) -> HttpResponse:
    form = SegmentsFilter(request.GET, folders=folders())
    rows = form.found().select_related("job")
    try:
        page = page_of(rows, order=ORDERS[form.sort_key], query=request.GET)
    except BadCursor as error:
        raise BadRequest(str(error.__doc__)) from error
    context = {
        "form": form,
        "page": page,
        "lines": _lines(page.rows, utc_now()),
        "sort": form.sort_key,
        "folders": folders(),
        "is_archive": form.cleaned_data.get("state") == "archived",
        "has_any": bool(page.rows) or Segment.objects.exists(),
    }
    return render(request, "segments/segments.html", context)


def _lines(found: Sequence[Segment], now: datetime) -> list[Line]:
    ids = [segment.pk for segment in found]
    sizes, uses = sizes_of(ids, now=now, zone=deployment_zone()), uses_of(ids)
    return [Line(segment, sizes[segment.pk], len(uses[segment.pk])) for segment in found]


@needs("view_segments")
def export(request: SignedIn) -> HttpResponseBase:
    """The list as it is filtered and sorted."""
    form = SegmentsFilter(request.GET, folders=folders())
    rows = form.found().select_related("job").order_by(*ORDERS[form.sort_key])[:EXPORT_MOST]
    now = utc_now()
    answer = StreamingHttpResponse(csv_lines(_cells(list(rows), now)), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="segments.csv"'
    return answer


def _cells(found: Sequence[Segment], now: datetime) -> Iterator[Sequence[Any]]:
    yield HEAD
    for line in _lines(found, now):
        one = line.segment
        as_of = one.as_of.isoformat() if one.as_of else ""
        state = freshness(one, now=now).words
        size = one.size if one.as_of else ""
        change = line.sizes.change_in_week
        yield one.pk, one.name, one.description, one.folder, size, change, state, as_of, line.used_by


class Many(forms.Form):
    """What to do with the chosen ones, and where to go then."""

    verb = forms.ChoiceField(choices=[(name, name) for name in ("archive", "restore", "move")])
    segment = forms.ModelMultipleChoiceField(Segment.objects.all())
    folder = forms.CharField(required=False, max_length=80)
    next = forms.CharField(required=False)


PAST = {"archive": "archived", "restore": "restored", "move": "moved"}


@needs("edit_segments")
@require_POST
def many(request: SignedIn) -> HttpResponse:
    form = Many(request.POST)
    if form.is_valid():
        verb, now = form.cleaned_data["verb"], utc_now()
        done = _do(verb, list(form.cleaned_data["segment"]), folder=form.cleaned_data["folder"].strip(), now=now)
        for name in done.names:
            details = {"folder": form.cleaned_data["folder"]} if verb == "move" else {}
            audit.record(request.user, verb=f"{PAST[verb]} segment", target=name, details=details, now=now)
        _tell(request, verb, done)
        if verb == "restore":
            ring(tasks.refresh_stale)
    else:
        messages.error(request, "Choose at least one segment of the list first.")
    to = str(form.cleaned_data.get("next") or "")
    return redirect(to if url_has_allowed_host_and_scheme(to, allowed_hosts=None) else "segments:segments")


def _do(verb: str, chosen: Sequence[Segment], *, folder: str, now: datetime) -> Done:
    if verb == "archive":
        return archive_many(chosen, now=now)
    return (
        restore_many(chosen, now=now, zone=deployment_zone()) if verb == "restore" else move_many(chosen, folder=folder)
    )


def _tell(request: SignedIn, verb: str, done: Done) -> None:
    for words in done.refused:
        messages.error(request, words)
    if not done.names:
        if not done.refused:
            messages.info(request, "Nothing had to be changed.")
        return
    what = f"“{done.names[0]}” is" if len(done.names) == 1 else f"{len(done.names)} segments are"
    more = {"archive": " It can be restored from the filter “Archived”.", "restore": " It is refreshed now."}
    messages.success(request, f"{what} {PAST[verb]}.{more.get(verb, '')}".replace(" It ", _them(len(done.names))))


def _them(n: int) -> str:
    return " It " if n == 1 else " Each "
