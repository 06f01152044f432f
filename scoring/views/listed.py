"""The list of predictors, and starting with one that is ready made."""

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from cdp.accounts import audit
from cdp.accounts.access import SignedIn, needs
from cdp.common.clock import deployment_zone, utc_now
from cdp.common.keyset import BadCursor, page_of
from scoring.combine import combinations
from scoring.forms import PredictorsFilter
from scoring.listed import lines, with_version
from scoring.models import Predictor
from scoring.set_up import create
from scoring.starters import STARTERS
from scoring.views.training import begin_training


@needs("view_predictions")
def predictors(request: SignedIn) -> HttpResponse:
    form, now = PredictorsFilter(request.GET), utc_now()
    try:
        page = page_of(with_version(form.found()), order=("name", "id"), query=request.GET)
    except BadCursor as error:
        raise BadRequest(str(error.__doc__)) from error
    taken = set(Predictor.objects.values_list("name", flat=True))
    context = {
        "form": form,
        "page": page,
        "lines": lines(page.rows, now=now),
        "has_any": bool(taken),
        "combinations": combinations() if page.rows and not form.is_narrowed else [],
        "starters": {key: one for key, one in STARTERS.items() if one.draft.name not in taken},
    }
    return render(request, "scoring/predictors.html", context)


@needs("edit_predictions")
@require_POST
def start(request: SignedIn, key: str) -> HttpResponse:
    """One click: it is made, and learns at once."""
    if key not in STARTERS:
        raise Http404
    draft, now = STARTERS[key].draft, utc_now()
    existing = Predictor.objects.filter(name=draft.name).first()
    if existing:
        messages.info(request, f"There is a predictor “{draft.name}” already: this is it.")
        return redirect("scoring:predictor", pk=existing.pk)
    predictor = create(draft, by=request.user, now=now, zone=deployment_zone())
    audit.record(request.user, verb="created predictor", target=predictor.name, details={"starter": key}, now=now)
    begin_training(predictor, by=request.user, now=now)
    return redirect("scoring:predictor", pk=predictor.pk)
