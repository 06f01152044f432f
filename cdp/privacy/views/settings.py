"""Settings → Consent and topics: what data may be used for, and what happens to events of those who said no."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from cdp.accounts import audit
from cdp.accounts.access import SignedIn, needs
from cdp.privacy.forms import PurposeForm, TopicForm
from cdp.privacy.models import Purpose, Topic


@needs("edit_consent")
def purposes(request: SignedIn) -> HttpResponse:
    page = {
        "purposes": Purpose.objects.order_by("name"),
        "topics": Topic.objects.select_related("purpose").order_by("name"),
    }
    return render(request, "privacy/purposes.html", page)


@needs("edit_consent")
def purpose(request: SignedIn, pk: int | None = None) -> HttpResponse:
    found = get_object_or_404(Purpose, pk=pk) if pk else None
    return _edit(request, PurposeForm(request.POST or None, instance=found), what="purpose")


@needs("edit_consent")
def topic(request: SignedIn, pk: int | None = None) -> HttpResponse:
    found = get_object_or_404(Topic, pk=pk) if pk else None
    return _edit(request, TopicForm(request.POST or None, instance=found), what="topic")


def _edit(request: SignedIn, form: Any, *, what: str) -> HttpResponse:
    is_new = form.instance.pk is None
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            kept = form.save()
            verb = f"{'created' if is_new else 'changed'} {what}"
            details = {name: str(form.cleaned_data[name]) for name in form.changed_data}
            audit.record(request.user, verb=verb, target=kept.key, details=details, now=timezone.now())
        messages.success(request, f"“{kept.name}” is saved. Events are treated so from now on.")
        return redirect("privacy:purposes")
    page = {"form": form, "what": what, "is_new": is_new}
    return render(request, "privacy/edit.html", page, status=422 if form.errors else 200)
