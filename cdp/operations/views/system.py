"""The system page: is it healthy, at a glance?"""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from cdp.accounts import audit
from cdp.accounts.access import SignedIn, needs
from cdp.common.clock import utc_now
from cdp.common.models import Job
from cdp.operations import charts
from cdp.operations.system import CANCELLABLE, concerns, kept_, now_


@needs("view_system")
@never_cache
def system(request: SignedIn) -> HttpResponse:
    """Without `part` the whole page."""
    now = utc_now()
    if request.GET.get("part") == "charts":
        return render(request, "operations/_charts.html", {"charts": charts.of_last_hours(now=now)})
    found = now_(now=now)
    page = {"found": found, "concerns": concerns(found), "may_change": request.user.may("manage_schedules")}
    if request.GET.get("part") == "now":
        return render(request, "operations/_now.html", page)
    slow = {"kept": kept_(), "charts": charts.of_last_hours(now=now)}
    return render(request, "operations/system.html", {**page, **slow})


@needs("manage_schedules")
@require_POST
def cancel(request: SignedIn, pk: int) -> HttpResponse:
    """It stops after its present step; what it did stays."""
    job = get_object_or_404(Job, pk=pk, kind__in=CANCELLABLE)
    if Job.objects.filter(pk=job.pk, state=Job.State.RUNNING).update(is_cancel_requested=True):
        audit.record(request.user, verb="cancelled job", target=job.title, details={"kind": job.kind}, now=utc_now())
        messages.success(request, f"“{job.title}” stops after its present step.")
    else:
        messages.info(request, f"“{job.title}” does not run.")
    return redirect("operations:system")
