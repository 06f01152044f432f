"""Everybody who entered or left a segment, with the reason; newest first."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render

from cdp.accounts.access import SignedIn, needs
from cdp.accounts.audit import record
from cdp.common.clock import deployment_zone, utc_now
from cdp.common.csv_out import csv_lines
from cdp.common.keyset import BadCursor, page_of
from cdp.profiles.naming import people
from segments.filters import ChangesFilter
from segments.models import MembershipChange, Segment

ORDER = ("-id",)
EXPORT_MOST = 100_000
BATCH = 2_000
HEAD = ("person", "name", "what", "because", "when", "had been in since")


@needs("view_segments")
def changes(request: SignedIn, pk: int) -> HttpResponse:
    segment = get_object_or_404(Segment, pk=pk)
    form = ChangesFilter(request.GET)
    try:
        page = page_of(_found(pk, form), order=ORDER, query=request.GET)
    except BadCursor as error:
        raise BadRequest(str(error.__doc__)) from error
    known = people({row.profile_id for row in page.rows})
    context = {
        "segment": segment,
        "form": form,
        "page": page,
        "lines": [(row, known.get(row.profile_id)) for row in page.rows],
        "may_export": request.user.may("export_people"),
        "since": form.value("since"),
        "until": form.value("until"),
    }
    return render(request, "segments/changes.html", context)


@needs("export_people")
def export(request: SignedIn, pk: int) -> HttpResponseBase:
    segment = get_object_or_404(Segment, pk=pk)
    form = ChangesFilter(request.GET)
    rows = _found(pk, form)
    details = {name: str(value) for name, value in form.cleaned_data.items() if value}
    record(request.user, verb="exported changes of segment", target=segment.name, details=details, now=utc_now())
    answer = StreamingHttpResponse(csv_lines(_cells(rows)), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="segment-{pk}-changes.csv"'
    return answer


def _cells(rows: QuerySet[MembershipChange]) -> Iterator[Sequence[Any]]:
    yield HEAD
    query: dict[str, str] = {}
    for _ in range(EXPORT_MOST // BATCH):
        page = page_of(rows, order=ORDER, query=query, size=BATCH)
        known = people({row.profile_id for row in page.rows})
        for row in page.rows:
            person = known.get(row.profile_id)
            since = row.entered_at.isoformat() if row.entered_at else ""
            who = (str(person.uuid), person.name) if person else ("", "an erased person")
            yield (*who, row.get_kind_display(), row.get_cause_display(), row.at.isoformat(), since)
        if not page.next:
            return
        query = {"after": page.next}


def _found(segment_id: int, form: ChangesFilter) -> QuerySet[MembershipChange]:
    rows = MembershipChange.objects.filter(segment_id=segment_id)
    for name in ("kind", "cause"):
        if value := form.value(name):
            rows = rows.filter(**{name: value})
    if since := form.value("since"):
        rows = rows.filter(at__gte=_midnight(since))
    until = form.value("until")
    if until and until < date.max:
        rows = rows.filter(at__lt=_midnight(until + timedelta(days=1)))
    if day := form.day:
        rows = rows.filter(at__gte=_midnight(day), at__lt=_midnight(day + timedelta(days=1)))
    return rows


def _midnight(on: Any) -> datetime:
    return datetime.combine(on, time.min, deployment_zone())
