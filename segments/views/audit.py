"""The audit page: what is not right, or not needed, among all segments; who is in which and in none."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render

from cdp.accounts.access import SignedIn, needs
from cdp.common.clock import deployment_zone, utc_now
from segments.audit import Facts, conflicts, findings, nearly_equal, size_changed_at, unseen_faults
from segments.models import Segment
from segments.overlap import Overlap, Together, active, together
from segments.sizes import sizes_of
from segments.uses import uses_of

MATRIX = 12
SHOWN = 8
PAIRS = 50
MANY_SEGMENTS = 10
"""Being in this many or more is one bar."""
KINDS = (
    ("failing", "Failing", "Every segment could be refreshed, and checks found nothing wrong."),
    ("late", "Behind", "All are as right as they should be."),
    ("depending", "Built on archived or failing ones", "None is built on a segment that is archived or fails."),
    ("odd", "Grow or shrink oddly", "No size changed today far more than usual."),
    ("empty", "Empty", "Somebody is in each of them."),
    ("unused", "Never used", "Each that is older than two weeks is used by something."),
    ("unchanged", "Unchanged for long", "Each changed within 30 days."),
)
"""Findings' fields, their titles, and what to say where there is nothing to find."""


@needs("view_segments")
def audit(request: SignedIn) -> HttpResponse:
    """What takes no counting of people comes at once; the rest follows in parts."""
    now = utc_now()
    segments = list(Segment.objects.select_related("job").order_by("name"))
    ids = [segment.pk for segment in segments if not segment.archived_at]
    facts = Facts(
        segments,
        uses_of(ids),
        sizes_of(ids, now=now, zone=deployment_zone()),
        unseen_faults(ids),
        size_changed_at(ids),
    )
    found = findings(facts, now=now)
    told = [(name, title, getattr(found, name), well) for name, title, well in KINDS]
    context = {
        "n": len(ids),
        "found": found,
        "remarks": [one for one in told if one[2]],
        "well": [(name, well) for name, _, remarks, well in told if not remarks],
        "query": request.GET.urlencode(),
    }
    return render(request, "segments/audit.html", context)


@needs("view_segments")
def pairs(request: SignedIn) -> HttpResponse:
    """Segments that are nearly the same, campaigns that meet, people in no segment: from one sample of people."""
    segments = active(now=utc_now())
    counted = together([segment.pk for segment in segments])
    found = counted.pairs(segments)
    alike = nearly_equal(found)
    context = {
        "n": len(segments),
        "sample": counted.sample,
        "alike": alike[:PAIRS],
        "more": max(len(alike) - PAIRS, 0),
        "conflicts": conflicts(_with_themselves(found, segments, counted), uses_of([one.pk for one in segments])),
        "in_none": counted.in_none(),
        "chart": _coverage_chart(counted),
    }
    return render(request, "segments/_audit_pairs.html", context)


def _with_themselves(found: Sequence[Overlap], segments: Sequence[Segment], counted: Together) -> list[Overlap]:
    """Two campaigns to the same segment are a pair, too."""
    return [*found, *(counted.with_itself(segment) for segment in segments)]


def _coverage_chart(counted: Together) -> dict[str, Any]:
    found, weight = counted.coverage(), counted.sample.weight
    last = min(max(found, default=0), MANY_SEGMENTS)
    bars = [sum(n for held, n in found.items() if (held == k or (k == last and held > k))) for k in range(last + 1)]
    labels = [f"{k} or more" if k == MANY_SEGMENTS else str(k) for k in range(last + 1)]
    return {
        "title": "How many segments people are in",
        "type": "bar",
        "x": labels,
        "xLabel": "Segments",
        "yLabel": "People" if counted.sample.is_whole else "People, about",
        "series": [{"name": "People", "data": [round(n * weight) for n in bars]}],
    }


class MatrixForm(forms.Form):
    of = forms.ModelMultipleChoiceField(
        Segment.objects.filter(archived_at=None).exclude(as_of=None).order_by("name"),
        label="Segments",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def clean_of(self) -> list[Segment]:
        chosen: list[Segment] = list(self.cleaned_data["of"])
        if len(chosen) > MATRIX:
            raise forms.ValidationError(f"Choose at most {MATRIX}: a larger table cannot be read.")
        return chosen


@needs("view_segments")
def matrix(request: SignedIn) -> HttpResponse:
    """Of each row's people, the share that is also in the column's segment."""
    form = MatrixForm(request.GET)
    chosen = form.cleaned_data["of"] if form.is_valid() else []
    if not chosen:
        largest = [one for one in active(now=utc_now()) if one.size]
        chosen = sorted(largest, key=lambda one: (-one.size, one.name))[:SHOWN]
        form = form if form.errors else MatrixForm(initial={"of": [one.pk for one in chosen]})
    counted = together([one.pk for one in chosen])
    found = {(pair.one.pk, pair.other.pk): pair for pair in counted.pairs(chosen)}
    rows = [(one, [_cell(one, other, found) for other in chosen]) for one in chosen]
    context = {
        "form": form,
        "chosen": chosen,
        "rows": rows,
        "pairs": sorted(found.values(), key=lambda pair: -pair.jaccard),
        "sample": counted.sample,
        "most": MATRIX,
    }
    return render(request, "segments/_matrix.html", context, status=422 if form.errors else 200)


def _cell(one: Segment, other: Segment, found: dict[tuple[int, int], Overlap]) -> dict[str, Any]:
    """`level` from 0 to 9 is how dark it is."""
    if one.pk == other.pk:
        return {"one": one, "other": other, "is_self": True}
    pair = found.get((one.pk, other.pk)) or found.get((other.pk, one.pk))
    if pair is None:
        return {"one": one, "other": other, "share": 0.0, "both": 0.0, "level": 0}
    share = pair.of_one if pair.one.pk == one.pk else pair.of_other
    return {"one": one, "other": other, "share": share, "both": pair.both.value, "level": min(int(share * 10), 9)}
