"""The list of people: search, filters, keyset pages, export."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import chain
from typing import Any

from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone

from cdp.accounts.access import SignedIn, needs
from cdp.accounts.audit import record
from cdp.common.clock import deployment_zone, time_limit
from cdp.common.csv_out import csv_lines
from cdp.common.estimate import table_size
from cdp.common.keyset import PAGE_SIZE, BadCursor, Page, page_of
from cdp.profiles.find import identifiers_of, in_traits, starting_with
from cdp.profiles.forms import ORDERS, PeopleFilter
from cdp.profiles.models import Identifier, Profile
from cdp.profiles.naming import best_name, clearest

SEARCH_S = 1.5
"""How long a search may look through traits before it shows what it has."""
EXPORT_MOST = 100_000
EXPORT_BATCH = 1_000
EXPORT_HEAD = ("id", "name", "identifiers", "first seen", "last seen", "traits")


@dataclass(frozen=True)
class Line:
    """One person in the list."""

    profile: Profile
    name: str
    identifiers: list[Identifier]
    found_by: str = ""


@needs("view_people")
def people(request: SignedIn) -> HttpResponse:
    form = PeopleFilter(request.GET)
    page: dict[str, Any] = {"form": form, "may_export": request.user.may("export_people"), "most": EXPORT_MOST}
    try:
        page |= _searched(request, form) if form.is_valid() and form.cleaned_data["q"] else _listed(request, form)
    except BadCursor as error:
        raise BadRequest(str(error.__doc__)) from error
    page["size"] = table_size("profiles_profile", where="merged_into is null", without="profile_by_winner")
    return render(request, "profiles/people.html", page)


def _listed(request: SignedIn, form: PeopleFilter) -> dict[str, Any]:
    sort = form.cleaned_data["sort"] if form.is_valid() else ""
    page = page_of(_filtered(form), order=ORDERS[sort], query=request.GET)
    return {"page": page, "lines": lines(page.rows), "sort": sort}


def _filtered(form: PeopleFilter) -> QuerySet[Profile]:
    found = Profile.objects.filter(merged_into=None)
    span = form.span(timezone.now().date()) if form.is_valid() else None
    if span and span.since:
        found = found.filter(last_seen_on__gte=span.since)
    if span and span.until:
        found = found.filter(last_seen_on__lte=span.until)
    if form.is_valid() and form.cleaned_data["known_from"]:
        found = found.filter(first_seen_at__gte=_midnight(form.cleaned_data["known_from"]))
    until = form.cleaned_data["known_to"] if form.is_valid() else None
    if until and until < date.max:
        found = found.filter(first_seen_at__lt=_midnight(until + timedelta(days=1)))
    return found


def _midnight(on: date) -> datetime:
    return datetime.combine(on, time.min, deployment_zone())


def _searched(request: SignedIn, form: PeopleFilter) -> dict[str, Any]:
    """First those an identifier of whom starts so, then those with the text in a trait."""
    text, after = form.cleaned_data["q"].strip(), request.GET.get("after", "")
    by_identifier = {} if after else starting_with(text)
    scan = in_traits(
        text,
        after=after,
        size=PAGE_SIZE,
        is_time_up=time_limit(SEARCH_S),
        seen=form.span(timezone.now().date()),
    )
    found = scan.found | by_identifier
    rows = _filtered(form).filter(pk__in=found).order_by("-last_seen_on", "-id")
    page = Page(rows=list(rows), next=scan.next, previous="")
    return {"page": page, "lines": lines(page.rows, found), "scan": scan, "is_search": True, "after": after}


def lines(rows: list[Profile], found: dict[int, str] | None = None) -> list[Line]:
    identifiers = identifiers_of([profile.pk for profile in rows])
    return [
        Line(
            profile,
            best_name(profile, identifiers.get(profile.pk, [])),
            clearest(identifiers.get(profile.pk, [])),
            (found or {}).get(profile.pk, ""),
        )
        for profile in rows
    ]


@needs("export_people")
def export(request: SignedIn) -> HttpResponseBase:
    """The list as it is filtered, most recently seen first; of a search, the page that is seen."""
    form = PeopleFilter(request.GET)
    if form.is_valid() and form.cleaned_data["q"]:
        try:
            batches = iter([_searched(request, form)["lines"]])
        except BadCursor as error:
            raise BadRequest(str(error.__doc__)) from error
    else:
        batches = _batches(_filtered(form), ORDERS[form.cleaned_data.get("sort", "")])
    record(
        request.user,
        verb="exported people",
        target="list of people",
        details={name: str(value) for name, value in form.cleaned_data.items() if value},
        now=timezone.now(),
    )
    answer = StreamingHttpResponse(
        csv_lines(chain([EXPORT_HEAD], _cells(batches))), content_type="text/csv; charset=utf-8"
    )
    answer["Content-Disposition"] = 'attachment; filename="people.csv"'
    return answer


def _batches(rows: QuerySet[Profile], order: tuple[str, ...]) -> Iterator[list[Line]]:
    query: dict[str, str] = {}
    for _ in range(EXPORT_MOST // EXPORT_BATCH):
        page = page_of(rows, order=order, query=query, size=EXPORT_BATCH)
        yield lines(page.rows)
        if not page.next:
            return
        query = {"after": page.next}


def _cells(batches: Iterator[list[Line]]) -> Iterator[list[Any]]:
    for batch in batches:
        for line in batch:
            profile = line.profile
            yield [
                str(profile.uuid),
                line.name,
                " | ".join(map(str, line.identifiers)),
                profile.first_seen_at.isoformat(),
                profile.last_seen_at.isoformat(),
                as_json(profile.traits),
            ]


def as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
