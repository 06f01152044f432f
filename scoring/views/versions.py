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
from scoring.models import Predictor, TrainedModel
from scoring.shown_quality import quality_of
from scoring.tasks import begin_scoring
from scoring.versions import NotUseful, can_be_used, use_version
from scoring.views.predictor import of_page


@needs("view_predictions")
def versions(request: SignedIn, pk: int) -> HttpResponse:
    found, context = of_page(request, pk)
    rows = TrainedModel.objects.filter(predictor=found).defer("artefact", "reference", "candidates")
    try:
        page = page_of(rows, order=("-id",), query=request.GET, size=20)
    except BadCursor as error:
        raise BadRequest(str(error.__doc__)) from error
    context |= {"page": page, "lines": [(version, quality_of(version), can_be_used(version)) for version in page.rows]}
    return render(request, "scoring/versions.html", context)


@needs("edit_predictions")
@require_POST
def use(request: SignedIn, pk: int, number: int) -> HttpResponse:
    version = get_object_or_404(TrainedModel.objects.select_related("predictor"), predictor_id=pk, number=number)
    now = utc_now()
    try:
        if use_version(version):
            begin_scoring(list(Predictor.objects.filter(pk=pk)))
    except NotUseful as error:
        messages.error(request, str(error))
        return redirect("scoring:versions", pk=pk)
    details = {"version": number}
    audit.record(
        request.user, verb="chose version of predictor", target=version.predictor.name, details=details, now=now
    )
    messages.success(request, f"Version {number} is in use. Everybody is scored anew with it.")
    return redirect("scoring:versions", pk=pk)
