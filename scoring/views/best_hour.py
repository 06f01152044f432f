"""Predictions → Best hour: when each person is best sent to, and how much that is worth."""

from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from cdp.accounts import audit
from cdp.accounts.access import SignedIn, needs
from cdp.common.bell import ask
from cdp.common.clock import utc_now
from cdp.common.keyset import BadCursor, page_of
from cdp.common.models import Job
from cdp.common.readouts import kept
from cdp.profiles.models import Profile
from cdp.profiles.naming import people as named
from scoring import send_hours_job
from scoring.estimators.send_hour import HOURS
from scoring.models import SendHour
from scoring.send_time_shown import shown
from scoring.tasks import find_send_hours


@needs("view_predictions")
def best_hour(request: SignedIn) -> HttpResponse:
    job = send_hours_job.latest()
    context = {"shown": shown(), "job": job if job and job.state in send_hours_job.OPEN else None}
    return render(request, "scoring/best_hour.html", context)


@needs("view_predictions")
def best_hour_people(request: SignedIn, hour: int) -> HttpResponse:
    if hour >= HOURS:
        raise Http404
    rows = SendHour.objects.filter(hour=hour, profile_id__in=Profile.objects.filter(merged_into=None).values("pk"))
    try:
        page = page_of(rows, order=("-own_share", "profile_id"), query=request.GET)
    except BadCursor as error:
        raise BadRequest(str(error.__doc__)) from error
    known = named([row.profile_id for row in page.rows])
    lines = [(row, known.get(row.profile_id)) for row in page.rows]
    n = kept(rows.count, "best hour", hour, now=utc_now()).value
    context = {"hour": hour, "until": (hour + 1) % HOURS, "page": page, "lines": lines, "n": n}
    return render(request, "scoring/best_hour_people.html", context)


@needs("edit_predictions")
@require_POST
def best_hour_find(request: SignedIn) -> HttpResponse:
    now = utc_now()
    job = send_hours_job.start(by=request.user, now=now)
    if job.state == Job.State.WAITING:
        ask(find_send_hours, job.pk)
        audit.record(request.user, verb="looked for best hours", target="everybody", now=now)
    return redirect("scoring:best_hour")


@needs("view_predictions")
def best_hour_progress(request: SignedIn, job_id: int) -> HttpResponse:
    job = get_object_or_404(Job, pk=job_id, kind=send_hours_job.KIND)
    answer = render(request, "scoring/_best_hour_job.html", {"job": job})
    if job.state not in send_hours_job.OPEN:
        answer["HX-Refresh"] = "true"  # the page then shows the hours
    return answer
