"""Settings → Suppressions: addresses that must not be written to."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db import connection, transaction
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from cdp.accounts import audit
from cdp.accounts.access import SignedIn, needs
from cdp.common.keyset import BadCursor, page_of
from cdp.privacy.forms import SuppressionFilter, SuppressionForm
from cdp.privacy.models import Suppression
from cdp.privacy.suppression import suppress
from cdp.privacy.told import tell

Reason = Suppression.Reason
FINAL = (Reason.ERASED, Reason.COMPLAINT)
"""Reasons that a steward cannot take back."""


@needs("edit_consent")
def suppressions(request: SignedIn) -> HttpResponse:
    return _page(request, SuppressionForm())


def _page(request: SignedIn, form: SuppressionForm, *, status: int = 200) -> HttpResponse:
    filters = SuppressionFilter(request.GET)
    found = _found(filters.cleaned_data) if filters.is_valid() else Suppression.objects.none()
    try:
        page = page_of(found, order=("-at", "-id"), query=request.GET)
    except BadCursor as error:
        raise BadRequest(str(error.__doc__)) from error
    shown = {"form": filters, "add_form": form, "page": page, "final": [reason.value for reason in FINAL]}
    return render(request, "privacy/suppressions.html", shown, status=status)


def _found(wanted: dict[str, Any]) -> QuerySet[Suppression]:
    found = Suppression.objects.all()
    if wanted["q"].strip():
        found = found.filter(value__startswith=wanted["q"].strip().lower())
    return found.filter(reason=wanted["reason"]) if wanted["reason"] else found


@needs("edit_consent")
@require_POST
def add(request: SignedIn) -> HttpResponse:
    form = SuppressionForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    given = form.cleaned_data
    one = (given["namespace"], given["value"])
    with transaction.atomic():
        new = suppress([one], reason=Reason.MANUAL, now=timezone.now(), note=given["note"])
        for _, value in new:
            audit.record(request.user, verb="suppressed address", target=value, now=timezone.now())
    messages.success(request, "Nobody will write to it." if new else "It was suppressed before.")
    return redirect("privacy:suppressions")


@needs("edit_consent")
@require_POST
def remove(request: SignedIn, pk: int) -> HttpResponse:
    now = timezone.now()
    with transaction.atomic(), connection.cursor() as cursor:
        one = get_object_or_404(Suppression.objects.select_for_update(), pk=pk)
        if one.reason in FINAL:
            messages.error(request, "This address stays suppressed: its owner complained, or asked to be erased.")
        else:
            one.delete()
            tell(cursor, [(one.namespace, one.value)], now=now)
            details = {"reason": one.reason, "since": one.at.isoformat()}
            audit.record(request.user, verb="removed suppression", target=one.value, details=details, now=now)
            messages.success(request, f"{one.value} may be written to again, where its owner agreed.")
    return redirect("privacy:suppressions")
