"""The versions of a predictor: which is in use, what each was worth, and going back to one."""

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from cdp.accounts import audit
from cdp.accounts.access import SignedIn, needs
from cdp.common.clock import utc_now
from cdp.common.keyset import BadCursor, page_of
from scoring.models import TrainedModel
from scoring.shown_quality import quality_of
from scoring.views.predictor import of_page


@needs("view_predictions")
def versions(request: SignedIn, pk: int) -> HttpResponse:
    found, context = of_page(request, pk)
    rows = TrainedModel.objects.filter(predictor=found).defer("artefact", "reference", "candidates")
    try:
        page = page_of(rows, order=("-id",), query=request.GET, size=20)
    except BadCursor as error:
        raise BadRequest(str(error.__doc__)) from error
    context |= {"page": page, "lines": [(version, quality_of(version)) for version in page.rows]}
    return render(request, "scoring/versions.html", context)
