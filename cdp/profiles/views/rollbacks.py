"""People → Rollbacks: all words with one cause taken back together, after a preview; and brought back."""

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from cdp.accounts.access import SignedIn, needs
from cdp.common.keyset import BadCursor, page_of
from cdp.profiles.lots import Lot, NoSuchLot
from cdp.profiles.models import Rollback
from cdp.profiles.rollback import CannotRollBack, outlook, roll_back, undo
from cdp.profiles.rule_form import SpanForm
from cdp.profiles.tasks import ring


@needs("edit_identity_rules")
def rollbacks(request: SignedIn) -> HttpResponse:
    rows = Rollback.objects.select_related("job", "undo_job", "job__created_by")
    try:
        page = page_of(rows, order=("-id",), query=request.GET)
    except BadCursor as error:
        raise BadRequest(str(error.__doc__)) from error
    return render(request, "profiles/rollbacks.html", {"page": page, "form": SpanForm()})


@needs("edit_identity_rules")
def new_rollback(request: SignedIn) -> HttpResponse:
    """GET: what it would do. POST: does it."""
    given = request.POST if request.method == "POST" else request.GET
    form = None
    if cause := given.get("cause", ""):
        lot = Lot(cause)
    else:
        form = SpanForm(given)
        if not form.is_valid():
            page = page_of(Rollback.objects.select_related("job", "undo_job"), order=("-id",), query={})
            return render(request, "profiles/rollbacks.html", {"page": page, "form": form}, status=422)
        lot = form.lot()
    try:
        if request.method == "POST":
            one = roll_back(lot, actor=request.user, now=timezone.now())
            transaction.on_commit(lambda: ring(one.job_id, one.job.kind))
            return redirect("profiles:rollback", pk=one.pk)
        found = outlook(lot)
    except NoSuchLot as error:
        raise Http404 from error
    except CannotRollBack as error:
        messages.error(request, str(error))
        return redirect("profiles:rollbacks")
    fields = list(given.items())
    return render(request, "profiles/rollback_new.html", {"outlook": found, "fields": fields, "form": form})


@needs("edit_identity_rules")
def rollback(request: SignedIn, pk: int) -> HttpResponse:
    one = get_object_or_404(Rollback.objects.select_related("job", "undo_job"), pk=pk)
    return render(request, "profiles/rollback.html", {"one": one, "job": one.undo_job or one.job})


@needs("edit_identity_rules")
@require_POST
def undo_rollback(request: SignedIn, pk: int) -> HttpResponse:
    one = get_object_or_404(Rollback, pk=pk)
    try:
        job = undo(one, actor=request.user, now=timezone.now())
    except CannotRollBack as error:
        messages.error(request, str(error))
    else:
        transaction.on_commit(lambda: ring(job.pk, job.kind))
    return redirect("profiles:rollback", pk=pk)
