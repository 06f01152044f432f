"""The people of a predictor by their scores, the highest first."""

from typing import Any

from django import forms
from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render

from cdp.accounts.access import SignedIn, needs
from cdp.common.keyset import BadCursor, page_of
from cdp.profiles.models import Profile
from cdp.profiles.naming import people as named
from scoring.as_rule import at_least, in_bands, new_segment
from scoring.models import Band, Predictor, Score
from scoring.views.predictor import of_page


class Which(forms.Form):
    band = forms.ChoiceField(label="Band", required=False, choices=[("", "Any"), *Band.choices])
    at_least = forms.FloatField(label="At least", required=False, widget=forms.NumberInput(attrs={"step": "any"}))

    def found(self, predictor: Predictor) -> QuerySet[Score]:
        self.is_valid()
        rows = Score.objects.filter(predictor_id=predictor.pk)
        rows = rows.filter(profile_id__in=Profile.objects.filter(merged_into=None).values("pk"))
        if band := self.cleaned_data.get("band"):
            rows = rows.filter(band=band)
        least = self.cleaned_data.get("at_least")
        return rows if least is None else rows.filter(value__gte=least)

    def segment_url(self, predictor: Predictor) -> str:
        """Begins the segment of the same people; empty where the address narrows nothing, or by both."""
        band, least = self.cleaned_data.get("band"), self.cleaned_data.get("at_least")
        if band and least is None:
            return new_segment(in_bands((predictor.pk, [band])))
        return new_segment(at_least(predictor.pk, least)) if least is not None and not band else ""


@needs("view_predictions")
def people(request: SignedIn, pk: int) -> HttpResponse:
    found, context = of_page(request, pk)
    form = Which(request.GET)
    rows = form.found(found)
    try:
        page = page_of(rows, order=_order(found), query=request.GET)
    except BadCursor as error:
        raise BadRequest(str(error.__doc__)) from error
    known = named([row.profile_id for row in page.rows])
    context |= {
        "form": form,
        "page": page,
        "lines": [(row, known.get(row.profile_id)) for row in page.rows],
        "n": rows.count(),
        "segment_url": form.segment_url(found) if form.is_valid() else "",
        "is_next_order": found.kind == Predictor.Kind.NEXT_ORDER,
    }
    return render(request, "scoring/people.html", context, status=200 if form.is_valid() else 422)


def _order(predictor: Predictor) -> Any:
    """Next orders: the soonest first."""
    return ("value", "profile_id") if predictor.kind == Predictor.Kind.NEXT_ORDER else ("-value", "-profile_id")
