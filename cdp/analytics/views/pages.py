"""Computed traits in the browser: the list, one trait's page, and the map of recency and frequency."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db import connection
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from cdp.accounts import audit
from cdp.accounts.access import SignedIn, needs
from cdp.analytics import cuts, save, tasks
from cdp.analytics.definition import Known, Type, known_of, parse_definition
from cdp.analytics.effects import uses
from cdp.analytics.forms import Filters
from cdp.analytics.load import known_traits
from cdp.analytics.models import ComputedTrait
from cdp.analytics.shown import of_people
from cdp.analytics.spread import Spread, some_people, spread_of
from cdp.common.bell import ring
from cdp.common.clock import deployment_zone, utc_now
from cdp.common.keyset import page_of
from cdp.common.models import Job
from cdp.common.readouts import kept
from cdp.profiles.naming import people
from cdp.rules.fields import RuleError
from cdp.rules.parse import parse
from cdp.rules.sets import sample
from cdp.rules.tree import VERSION

ENDS = 10
BANDS = range(1, 6)
SHOWN = 50


@needs("view_segments")
def traits(request: SignedIn) -> HttpResponse:
    form = Filters(request.GET)
    rows = ComputedTrait.objects.filter(is_removed=False)
    if form.is_valid() and form.cleaned_data["q"]:
        rows = rows.filter(label__icontains=form.cleaned_data["q"])
    page = page_of(rows, order=("id",), query=request.GET)
    now, known, using = utc_now(), known_traits(), uses()
    spreads = _sparks(page.rows, now=now)
    listed = [
        {
            "trait": row,
            "english": english(row, known),
            "spread": spreads.get(row.pk),
            "uses": using.get(row.key, []),
        }
        for row in page.rows
    ]
    return render(request, "analytics/traits.html", {"page": page, "listed": listed, "form": form})


def _sparks(rows: Iterable[ComputedTrait], *, now: datetime) -> dict[int, Spread]:
    some = some_people()
    return {row.pk: spread_of(known_of(row), now=now, some=some) for row in rows if row.is_on and row.people}


@needs("view_segments")
def trait(request: SignedIn, pk: int) -> HttpResponse:
    found = get_object_or_404(ComputedTrait, pk=pk, is_removed=False)
    now, known = utc_now(), known_of(found)
    told = kept(lambda: spread_of(known, now=now), "spread", pk, found.changed_at, now=now)
    spread = told.value
    context = {
        "as_of": told,
        "trait": found,
        "english": english(found, known_traits()),
        "spread": spread,
        "chart": spread.chart(f"How “{found.label}” is spread", _axis(known)) if spread.bars else None,
        "ends": _ends(found, known),
        "uses": save.used_by(found),
        "job": found.job if found.job and found.job.state in (Job.State.WAITING, Job.State.RUNNING) else None,
    }
    return render(request, "analytics/trait.html", context)


@needs("view_segments")
def progress(request: SignedIn, pk: int) -> HttpResponse:
    found = get_object_or_404(ComputedTrait, pk=pk, is_removed=False)
    return render(request, "analytics/_progress.html", {"trait": found, "job": found.job})


@needs("edit_segments")
@require_POST
def recompute(request: SignedIn, pk: int) -> HttpResponse:
    found = get_object_or_404(ComputedTrait, pk=pk, is_removed=False, is_on=True)
    now = utc_now()
    cuts.publish_all(now=now, zone=deployment_zone(), only=found.pk)
    ComputedTrait.objects.filter(pk=pk).update(is_stale=True, error="")
    audit.record(request.user, verb="recomputed trait", target=found.label, now=now)
    ring(tasks.refresh_stale)
    messages.success(request, f"“{found.label}” is being computed for everybody.")
    return redirect("analytics:trait", pk=pk)


@needs("edit_segments")
@require_POST
def switch(request: SignedIn, pk: int) -> HttpResponse:
    found = get_object_or_404(ComputedTrait, pk=pk, is_removed=False)
    now, is_on = utc_now(), not found.is_on
    try:
        save.switch(found, is_on=is_on, now=now)
    except save.StillUsed as error:
        messages.error(request, f"Not switched off: it is used by {error}. Change that first.")
    else:
        audit.record(request.user, verb=f"switched {'on' if is_on else 'off'} trait", target=found.label, now=now)
        ring(tasks.refresh_stale)
        messages.success(request, f"“{found.label}” is {'on' if is_on else 'off'}.")
    return redirect("analytics:trait", pk=pk)


@needs("edit_segments")
@require_POST
def remove(request: SignedIn, pk: int) -> HttpResponse:
    found = get_object_or_404(ComputedTrait, pk=pk, is_removed=False, is_builtin=False)
    now = utc_now()
    try:
        save.remove(found, now=now)
    except save.StillUsed as error:
        messages.error(request, f"Not deleted: it is used by {error}. Change that first.")
        return redirect("analytics:trait", pk=pk)
    audit.record(request.user, verb="deleted trait", target=found.label, now=now)
    ring(tasks.refresh_stale)
    messages.success(request, f"“{found.label}” is deleted.")
    return redirect("analytics:traits")


@needs("view_segments")
def rfm(request: SignedIn) -> HttpResponse:
    """How many people are in each pair of bands."""
    told = kept(_rfm_counts, "rfm", now=utc_now())
    counts = told.value
    top = max(counts.values(), default=0)
    grid = [
        (recency, [_cell(recency, frequency, counts.get((recency, frequency), 0), top) for frequency in BANDS])
        for recency in reversed(BANDS)
    ]
    return render(
        request, "analytics/rfm.html", {"grid": grid, "bands": BANDS, "total": sum(counts.values()), "as_of": told}
    )


@needs("view_segments")
def rfm_people(request: SignedIn, recency: int, frequency: int) -> HttpResponse:
    """Some of them, by the rule that a segment of them has."""
    rule = {"version": VERSION, "root": {"kind": "rfm", "recency": [recency], "frequency": [frequency]}}
    try:
        found = sample(parse(rule), now=utc_now(), size=SHOWN, zone=deployment_zone())
    except RuleError as error:
        raise Http404 from error
    shown = people(found).values()
    context = {"people": shown, "recency": recency, "frequency": frequency, "rule": json.dumps(rule)}
    return render(request, "analytics/rfm_people.html", context)


def english(row: ComputedTrait, known: dict[str, Known]) -> str:
    try:
        said = parse_definition(row.definition, known).english()
    except RuleError as error:
        return f"The definition cannot be read any more: {error.message}"
    return said[0].upper() + said[1:]


def _axis(known: Known) -> str:
    return "days" if known.type is Type.DURATION else known.label


def _ends(row: ComputedTrait, known: Known) -> list[tuple[str, list[tuple[Any, Any]]]]:
    """The people with the largest and smallest values."""
    if known.type not in (Type.NUMBER, Type.DURATION, Type.DATE):
        return []
    titles = ("Longest ago", "Most recent") if known.column == "at" else ("Highest", "Lowest")
    found = []
    for title, is_desc in zip(titles, (known.column != "at", known.column == "at"), strict=True):
        ids = _extreme(row.pk, known.column, is_desc=is_desc)
        values, named = of_people(row, ids, now=utc_now()), people(ids)
        found.append((title, [(named.get(one), values[one].text) for one in ids if one in values]))
    return found


def _extreme(trait_id: int, column: str, *, is_desc: bool) -> list[int]:
    """By the index of the column, which is one of ours."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"select v.profile_id from analytics_computedvalue v where v.trait_id = %s and v.{column} is not null"
            f" order by v.{column} {'desc' if is_desc else 'asc'} limit %s",
            [trait_id, ENDS],
        )
        return [row[0] for row in cursor.fetchall()]


def _rfm_counts() -> dict[tuple[int, int], int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select r.number::int, f.number::int, count(*) from analytics_computedvalue r"
            " join analytics_computedtrait tr on tr.id = r.trait_id and tr.key = 'rfm_recency'"
            " join analytics_computedvalue f on f.profile_id = r.profile_id"
            " join analytics_computedtrait tf on tf.id = f.trait_id and tf.key = 'rfm_frequency'"
            " group by 1, 2"
        )
        return {(recency, frequency): n for recency, frequency, n in cursor.fetchall()}


def _cell(recency: int, frequency: int, people: int, top: int) -> dict[str, int]:
    heat = 0 if not people else 1 + round(4 * people / top)
    return {"recency": recency, "frequency": frequency, "people": people, "heat": heat}
