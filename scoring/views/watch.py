"""Whether a predictor stays right: drift, and what came true, over time."""

from django.http import HttpResponse
from django.shortcuts import render

from cdp.accounts.access import SignedIn, needs
from scoring.models import Predictor
from scoring.views.predictor import of_page
from scoring.watching.shown import watched


@needs("view_predictions")
def watch(request: SignedIn, pk: int) -> HttpResponse:
    found, context = of_page(request, pk)
    shown = watched(found)
    context |= {"watched": shown, "charts": shown.charts, "is_date": found.kind == Predictor.Kind.NEXT_ORDER}
    return render(request, "scoring/watch.html", context)
