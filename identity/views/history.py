"""People → Duplicates → History: the ledger of merges, newest first."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from cdp.accounts.access import SignedIn, needs
from cdp.common.keyset import BadCursor, page_of
from cdp.profiles.models import Profile
from identity.forms import HistoryFilter
from identity.history import lines
from identity.models import Decision, Merge
from identity.views.review import undone

SIZE = 25


@needs("review_duplicates")
def history(request: SignedIn) -> HttpResponse:
    form = HistoryFilter(request.GET)
    rows = _found(form.cleaned_data) if form.is_valid() else Merge.objects.none()
    try:
        page = page_of(rows, order=("-at", "-id"), query=request.GET, size=SIZE)
    except BadCursor as error:
        raise BadRequest(str(error.__doc__)) from error
    return render(request, "identity/history.html", {"form": form, "page": page, "lines": lines(page.rows)})


@needs("review_duplicates")
@require_POST
def undo_decision(request: SignedIn, pk: int) -> HttpResponse:
    """From the ledger, a profile or a message: back to where one was."""
    decision = get_object_or_404(Decision, pk=pk)
    note = undone(request, decision)
    messages.add_message(request, getattr(messages, note.kind.upper()), note.text)
    uuid = _uuid(request.POST.get("person", ""))
    is_known = uuid is not None and Profile.objects.filter(uuid=uuid).exists()
    return redirect("identity:person", uuid) if is_known else redirect("identity:history")


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _found(wanted: dict[str, Any]) -> QuerySet[Merge]:
    rows = Merge.objects.all()
    for name in ("verb", "how", "by"):
        if wanted[name]:
            rows = rows.filter(**{name: wanted[name]})
    if wanted["since"]:
        rows = rows.filter(at__gte=_midnight(wanted["since"]))
    if wanted["until"]:
        rows = rows.filter(at__lt=_midnight(wanted["until"] + timedelta(days=1)))
    return rows


def _midnight(on: date) -> datetime:
    return timezone.make_aware(datetime.combine(on, time.min))
