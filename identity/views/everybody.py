"""The full pass of matching by likeness: begun by a steward, watched, stopped."""

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from cdp.accounts import audit
from cdp.accounts.access import SignedIn, needs
from cdp.common.clock import utc_now
from cdp.common.models import Job
from identity import full_pass
from identity.incremental import JOB
from identity.tasks import ring_match


def latest() -> Job | None:
    """The pass that runs, or the one that ran last."""
    return Job.objects.filter(kind=JOB).order_by("-id").first()


@needs("edit_identity_rules")
@require_POST
def start(request: SignedIn) -> HttpResponse:
    """A second click finds the pass that the first began."""
    now = utc_now()
    job = full_pass.start_full_pass(request.user, now=now)
    if job.created_at == now:
        audit.record(request.user, verb="started matching everybody", target=str(job.pk), now=now)
    transaction.on_commit(lambda: ring_match(job.pk))
    return redirect("identity:rules")


@needs("view_data")
def progress(request: SignedIn, pk: int) -> HttpResponse:
    job = get_object_or_404(Job, pk=pk, kind=JOB)
    return render(
        request, "identity/_everybody.html", {"job": job, "may_edit": request.user.may("edit_identity_rules")}
    )


@needs("edit_identity_rules")
@require_POST
def stop(request: SignedIn, pk: int) -> HttpResponse:
    full_pass.stop(get_object_or_404(Job, pk=pk, kind=JOB), now=utc_now())
    return progress(request, pk)
