"""What somebody asks of a segment: a full refresh now, a check; and the alarms that checks raised."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from cdp.accounts import audit
from cdp.accounts.access import SignedIn, needs
from cdp.common.bell import ask, ring
from cdp.common.clock import utc_now
from cdp.common.models import Job
from cdp.profiles.naming import people
from segments import asked, full_jobs, tasks
from segments.models import Fault, Segment

SHOWN = 50


@needs("edit_segments")
@require_POST
def refresh_now(request: SignedIn, pk: int) -> HttpResponse:
    found, now = get_object_or_404(Segment, pk=pk, archived_at=None), utc_now()
    full_jobs.ask(found, by=request.user, now=now)
    ring(tasks.refresh_stale)
    messages.success(request, f"“{found.name}” is being refreshed.")
    return redirect("segments:segment", pk=pk)


@needs("view_segments")
def progress(request: SignedIn, pk: int, job_id: int) -> HttpResponse:
    job = get_object_or_404(Job, pk=job_id, kind__in=(full_jobs.KIND, asked.CHECK), params__segment_id=pk)
    answer = render(request, "segments/_job.html", {"job": job, "pk": pk})
    if job.state not in asked.OPEN:
        answer["HX-Refresh"] = "true"  # the page then shows the result
    return answer


@needs("view_segments")
def checks(request: SignedIn, pk: int) -> HttpResponse:
    found = get_object_or_404(Segment, pk=pk)
    faults = list(Fault.objects.filter(segment_id=pk).order_by("-at", "-id")[:SHOWN])
    known = people({profile_id for fault in faults for profile_id in fault.examples})
    context = {
        "segment": found,
        "faults": [(fault, [known[one] for one in fault.examples if one in known]) for fault in faults],
        "job": Job.objects.filter(kind=asked.CHECK, params={"segment_id": pk}).order_by("-created_at").first(),
    }
    return render(request, "segments/checks.html", context)


@needs("edit_segments")
@require_POST
def check_now(request: SignedIn, pk: int) -> HttpResponse:
    found = get_object_or_404(Segment, pk=pk, archived_at=None)
    ask(tasks.work, asked.ask_check(found, by=request.user, now=utc_now()).pk)
    return redirect("segments:checks", pk=pk)


@needs("edit_segments")
@require_POST
def faults_seen(request: SignedIn, pk: int) -> HttpResponse:
    """Somebody knows: the alarm is off until another fault is found."""
    found, now = get_object_or_404(Segment, pk=pk), utc_now()
    if Fault.objects.filter(segment_id=pk, seen_at=None).update(seen_at=now):
        audit.record(request.user, verb="saw faults of segment", target=found.name, now=now)
    return redirect("segments:checks", pk=pk)
