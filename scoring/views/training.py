"""Training in the browser: starting it, how far it is, stopping it."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from cdp.accounts import audit
from cdp.accounts.access import SignedIn, needs
from cdp.accounts.models import User
from cdp.common.bell import ask
from cdp.common.clock import utc_now
from cdp.common.models import Job
from scoring.jobs import KIND, OPEN, SCORING, cancel, new_job
from scoring.models import Predictor
from scoring.tasks import train_and_score


def begin_training(predictor: Predictor, *, by: User | None, now: datetime) -> Job:
    """The one under way, if there is one."""
    job = new_job(predictor, title=f"Training “{predictor.name}”", by=by, now=now)
    if job.state == Job.State.WAITING:
        ask(train_and_score, job.pk)
    return job


@needs("edit_predictions")
@require_POST
def train_now(request: SignedIn, pk: int) -> HttpResponse:
    predictor, now = get_object_or_404(Predictor, pk=pk), utc_now()
    if predictor.archived_at:
        messages.error(request, "Not trained: it is archived. Restore it first.")
        return redirect("scoring:predictor", pk=pk)
    begin_training(predictor, by=request.user, now=now)
    audit.record(request.user, verb="trained predictor", target=predictor.name, now=now)
    return redirect("scoring:predictor", pk=pk)


@needs("view_predictions")
def progress(request: SignedIn, job_id: int) -> HttpResponse:
    job = get_object_or_404(Job, pk=job_id, kind__in=(KIND, SCORING))
    answer = render(request, "scoring/_training.html", {"job": job})
    if job.state not in OPEN:
        answer["HX-Refresh"] = "true"  # the page then shows what came of it
    return answer


@needs("edit_predictions")
@require_POST
def stop(request: SignedIn, job_id: int) -> HttpResponse:
    job, now = get_object_or_404(Job, pk=job_id, kind__in=(KIND, SCORING)), utc_now()
    cancel(job, now=now)
    audit.record(request.user, verb="cancelled work of predictors", target=job.title, now=now)
    job.refresh_from_db()
    return render(request, "scoring/_training.html", {"job": job})
