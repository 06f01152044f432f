"""People by the segments they are in and not in: what a number of an overlap opens."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from django import forms
from django.core.exceptions import BadRequest
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render

from cdp.accounts.access import SignedIn, needs
from cdp.accounts.audit import record
from cdp.common.clock import utc_now
from cdp.common.csv_out import csv_lines
from cdp.common.keyset import BadCursor, page_of
from cdp.profiles.models import Profile
from cdp.profiles.views.people import Line, as_json, lines
from segments.models import Segment
from segments.people_in import MOST, ORDER, Wanted, people_in

EXPORT_MOST = 100_000
EXPORT_BATCH = 1_000
EXPORT_HEAD = ("id", "name", "identifiers", "first seen", "last seen", "traits")


class PeopleBySegment(forms.Form):
    """Field names of the address: `in` is a word of Python, so they are set by hand."""

    none = forms.BooleanField(label="In no active segment", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["in"] = _segments("In all of")
        self.fields["not"] = _segments("In none of")
        self.order_fields(["in", "not", "none"])

    def chosen(self, name: str) -> list[Segment]:
        found: list[Segment] = list(self.cleaned_data.get(name) or []) if self.is_valid() else []
        return found

    def wanted(self) -> Wanted:
        return Wanted(
            tuple(one.pk for one in self.chosen("in")),
            tuple(one.pk for one in self.chosen("not")),
            self.is_valid() and bool(self.cleaned_data["none"]),
        )


def _segments(label: str) -> forms.Field:
    widget = forms.SelectMultiple(attrs={"class": "form-select", "size": 4})
    return forms.ModelMultipleChoiceField(Segment.objects.order_by("name"), label=label, required=False, widget=widget)


@needs("view_people")
def people(request: SignedIn) -> HttpResponse:
    form = PeopleBySegment(request.GET)
    try:
        page = page_of(_found(form), order=ORDER, query=request.GET)
    except BadCursor as error:
        raise BadRequest(str(error.__doc__)) from error
    context = {
        "form": form,
        "page": page,
        "lines": lines(page.rows),
        "inside": form.chosen("in"),
        "outside": form.chosen("not"),
        "is_in_none": form.wanted().is_in_none,
        "may_export": request.user.may("export_people"),
        "most": EXPORT_MOST,
    }
    return render(request, "segments/people.html", context, status=200 if form.is_valid() else 422)


def _found(form: PeopleBySegment) -> Any:
    wanted = form.wanted()
    if not form.is_valid() or len(wanted.inside) + len(wanted.outside) > MOST:
        return Profile.objects.none()
    return people_in(wanted)


@needs("export_people")
def export(request: SignedIn) -> HttpResponseBase:
    form = PeopleBySegment(request.GET)
    details = {"in": [one.name for one in form.chosen("in")], "not in": [one.name for one in form.chosen("not")]}
    record(request.user, verb="exported people", target="people by segment", details=details, now=utc_now())
    rows = csv_lines(chain([EXPORT_HEAD], _cells(form)))
    answer = StreamingHttpResponse(rows, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="people.csv"'
    return answer


def _cells(form: PeopleBySegment) -> Iterator[Sequence[Any]]:
    rows, query = _found(form), dict[str, str]()
    for _ in range(EXPORT_MOST // EXPORT_BATCH):
        page = page_of(rows, order=ORDER, query=query, size=EXPORT_BATCH)
        yield from map(_row, lines(page.rows))
        if not page.next:
            return
        query = {"after": page.next}


def _row(line: Line) -> Sequence[Any]:
    profile, known_as = line.profile, " | ".join(map(str, line.identifiers))
    seen = (profile.first_seen_at.isoformat(), profile.last_seen_at.isoformat())
    return str(profile.uuid), line.name, known_as, *seen, as_json(profile.traits)
