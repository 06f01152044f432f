"""The audit log."""

from datetime import datetime, time, timedelta
from typing import Any

from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from cdp.accounts.access import SignedIn, needs
from cdp.accounts.forms import AuditFilter
from cdp.accounts.models import AuditEntry
from cdp.common.keyset import BadCursor, page_of


@needs("view_audit")
def audit(request: SignedIn) -> HttpResponse:
    verbs = list(AuditEntry.objects.order_by("verb").values_list("verb", flat=True).distinct())
    form = AuditFilter(request.GET, verbs=verbs)
    entries = _found(form.cleaned_data) if form.is_valid() else AuditEntry.objects.none()
    try:
        page = page_of(entries, order=("-at", "-id"), query=request.GET)
    except BadCursor as error:
        raise BadRequest(str(error.__doc__)) from error
    return render(request, "accounts/audit.html", {"form": form, "page": page})


def _found(wanted: dict[str, Any]) -> QuerySet[AuditEntry]:
    entries = AuditEntry.objects.all()
    if wanted["who"]:
        entries = entries.filter(actor_name__icontains=wanted["who"])
    if wanted["verb"]:
        entries = entries.filter(verb=wanted["verb"])
    if wanted["target"]:
        entries = entries.filter(target__icontains=wanted["target"])
    if wanted["since"]:
        entries = entries.filter(at__gte=_midnight(wanted["since"]))
    if wanted["until"]:
        entries = entries.filter(at__lt=_midnight(wanted["until"] + timedelta(days=1)))
    return entries


def _midnight(on: Any) -> datetime:
    return timezone.make_aware(datetime.combine(on, time.min))
