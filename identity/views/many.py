"""Deciding all that a filter shows: what it would do, doing it, watching it, undoing it."""

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from cdp.accounts import audit
from cdp.accounts.access import SignedIn, needs
from cdp.common.clock import utc_now
from cdp.common.models import Job
from cdp.profiles.naming import people
from identity import many
from identity.forms import ManyForm, QueueFilter
from identity.models import Decision
from identity.tasks import ring
from identity.titles import titles
from identity.waiting_pairs import MOST_AT_ONCE, compared_fields, summary_of

SHOWN = 20
KINDS = (many.DECIDE, many.UNDO)


@needs("review_duplicates")
def decide_many(request: SignedIn) -> HttpResponse:
    """GET says exactly what would be done; POST does it, if it is still the same."""
    form = QueueFilter(request.GET, fields=compared_fields())
    wanted, now = form.wanted(), utc_now()
    given = ManyForm({**request.GET.dict(), **request.POST.dict(), "expected": request.POST.get("expected", "1")})
    if not given.is_valid() or form.errors or not wanted.is_narrowed:
        raise BadRequest("Narrow the queue first, then decide: same or different.")
    verdict = given.cleaned_data["verdict"]
    if request.method == "POST":
        try:
            job = many.start(wanted, verdict, expected=given.cleaned_data["expected"], user=request.user, now=now)
        except many.QueueChanged as error:
            messages.warning(request, str(error.__doc__))
        else:
            return _run(request, job, verb="decided many duplicates")
    found = summary_of(wanted, now=now, shown=SHOWN)
    known = people({one for pair in found.first for one in pair.profile_ids})
    context = {
        "found": found,
        "pairs": [([known.get(one) for one in pair.profile_ids], pair.probability) for pair in found.first],
        "verdict": verdict.value,
        "is_part": found.pairs == MOST_AT_ONCE,
        "query": request.GET.urlencode(),
    }
    return render(request, "identity/many.html", context)


@needs("review_duplicates")
def job(request: SignedIn, pk: int) -> HttpResponse:
    found = _job(pk)
    decided = Decision.objects.filter(job_id=found.params.get("of", pk)).order_by("-id")
    shown = list(decided[:SHOWN])
    named = titles(shown)
    context = {
        "job": found,
        "decisions": [(one, named[one.pk]) for one in shown],
        "n": decided.count(),
        "holds": decided.filter(undone_at=None).count(),
        "is_undo": found.kind == many.UNDO,
        "undo_text": "Who was merged becomes two people again, who was kept apart is asked about again.",
    }
    return render(request, "identity/many_job.html", context)


@needs("review_duplicates")
def job_progress(request: SignedIn, pk: int) -> HttpResponse:
    found = _job(pk)
    answer = render(request, "identity/_many_progress.html", {"job": found})
    if found.state not in many.OPEN:
        answer["HX-Refresh"] = "true"  # the page then shows the result
    return answer


@needs("review_duplicates")
@require_POST
def job_stop(request: SignedIn, pk: int) -> HttpResponse:
    Job.objects.filter(pk=_job(pk).pk, state__in=many.OPEN).update(is_cancel_requested=True)
    if request.htmx:  # type: ignore[attr-defined]
        return job_progress(request, pk)
    return redirect("identity:job", pk=pk)


@needs("review_duplicates")
@require_POST
def job_undo(request: SignedIn, pk: int) -> HttpResponse:
    found = _job(pk)
    if found.kind != many.DECIDE or found.state in many.OPEN:
        messages.warning(request, "It still runs: stop it first, then undo what it did.")
        return redirect("identity:job", pk=pk)
    made = many.start_undo(found, user=request.user, now=utc_now())
    return _run(request, made, verb="undid many decisions")


def _run(request: SignedIn, made: Job, *, verb: str) -> HttpResponse:
    """A few at once, many by a worker."""
    audit.record(request.user, verb=verb, target=made.title, details={"job": made.pk}, now=utc_now())
    if (made.total or 0) <= many.AT_ONCE:
        many.run(made.pk, clock=utc_now)
    else:
        transaction.on_commit(lambda: ring(made.pk))
    return redirect(reverse("identity:job", args=[made.pk]))


def _job(pk: int) -> Job:
    return get_object_or_404(Job, pk=pk, kind__in=KINDS)
