"""Predictors in the browser: what they predict, how good they are, and training them now."""

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from cdp.accounts import audit
from cdp.accounts.access import SignedIn, needs
from cdp.common.clock import utc_now
from cdp.common.keyset import page_of
from cdp.common.models import Job
from scoring.forms import New
from scoring.jobs import KIND, new_job
from scoring.models import Predictor, TrainedModel
from scoring.tasks import train_and_score
from segments.vocabulary import vocabulary


@needs("view_predictions")
def predictors(request: SignedIn) -> HttpResponse:
    rows = Predictor.objects.select_related("active", "last_job")
    page = page_of(rows, order=("name", "id"), query=request.GET)
    latest = {version.predictor_id: version for version in _latest([row.pk for row in page.rows])}
    cards = [(row, latest.get(row.pk), row.last_job) for row in page.rows]
    return render(request, "scoring/predictors.html", {"page": page, "cards": cards})


@needs("edit_predictions")
def new(request: SignedIn) -> HttpResponse:
    form = New(request.POST or None)
    if request.method == "POST" and form.is_valid():
        now = utc_now()
        predictor = Predictor.objects.create(created_by=request.user, created_at=now, **form.cleaned_data)
        audit.record(request.user, verb="created predictor", target=predictor.name, now=now)
        _train(request, predictor)
        return redirect("scoring:predictors")
    context = {"form": form, "events": vocabulary()["events"]}
    return render(request, "scoring/new.html", context, status=422 if form.errors else 200)


@needs("edit_predictions")
@require_POST
def train_now(request: SignedIn, pk: int) -> HttpResponse:
    _train(request, get_object_or_404(Predictor, pk=pk))
    return redirect("scoring:predictors")


@needs("view_predictions")
def progress(request: SignedIn, job_id: int) -> HttpResponse:
    job = get_object_or_404(Job, pk=job_id, kind=KIND)
    return render(request, "scoring/_training.html", {"job": job})


def _latest(predictor_ids: list[int]) -> QuerySet[TrainedModel]:
    versions = TrainedModel.objects.filter(predictor__in=predictor_ids)
    return versions.order_by("predictor_id", "-id").distinct("predictor_id")


def _train(request: SignedIn, predictor: Predictor) -> None:
    job = new_job(predictor, title=f"Training “{predictor.name}”", by=request.user, now=utc_now())
    train_and_score.delay(job.pk)
