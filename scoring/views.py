"""Predictors in the browser: what they predict, how good they are, and training them now."""

from django.db.models import OuterRef, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from cdp.accounts import audit
from cdp.accounts.access import SignedIn, needs
from cdp.common.clock import utc_now
from cdp.common.keyset import page_of
from cdp.common.models import Job
from scoring.forms import New
from scoring.models import Predictor, TrainedModel
from scoring.tasks import JOB_KIND, train_and_score
from segments.vocabulary import vocabulary


@needs("view_predictions")
def predictors(request: SignedIn) -> HttpResponse:
    latest_job = Job.objects.filter(kind=JOB_KIND, params__predictor_id=OuterRef("pk")).order_by("-id")
    latest = TrainedModel.objects.filter(predictor=OuterRef("pk")).order_by("-id")
    rows = Predictor.objects.annotate(
        job_id=Subquery(latest_job.values("pk")[:1]), latest_id=Subquery(latest.values("pk")[:1])
    )
    page = page_of(rows.select_related("active"), order=("name", "id"), query=request.GET)
    jobs = Job.objects.in_bulk([row.job_id for row in page.rows if row.job_id])
    versions = TrainedModel.objects.in_bulk([row.latest_id for row in page.rows if row.latest_id])
    cards = [(row, versions.get(row.latest_id), jobs.get(row.job_id)) for row in page.rows]
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
    job = get_object_or_404(Job, pk=job_id, kind=JOB_KIND)
    return render(request, "scoring/_training.html", {"job": job})


def _train(request: SignedIn, predictor: Predictor) -> None:
    job = Job.objects.create(
        kind=JOB_KIND,
        title=f"Training “{predictor.name}”",
        params={"predictor_id": predictor.pk},
        created_by=request.user,
        created_at=utc_now(),
    )
    train_and_score.delay(job.pk)
