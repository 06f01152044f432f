"""Sources and their write keys."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Max, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from cdp.accounts import source_keys
from cdp.accounts.access import SignedIn, needs
from cdp.accounts.forms import ChangeSource, NewSource
from cdp.accounts.models import Source, WriteKey


@needs("view_data")
def sources(request: SignedIn) -> HttpResponse:
    living = Q(keys__revoked_at=None, keys__id__isnull=False)
    rows = (
        Source.objects.exclude(kind=Source.Kind.INTERNAL)
        .annotate(used_at=Max("keys__last_used_at"), n_keys=Count("keys", filter=living))
        .order_by("-is_active", "trust_rank", "name")
    )
    return render(request, "accounts/sources.html", {"rows": rows})


@needs("manage_sources")
@never_cache
def new_source(request: SignedIn) -> HttpResponse:
    form = NewSource(request.POST or None)
    if request.method == "POST" and form.is_valid():
        source, key = source_keys.create_source(request.user, now=timezone.now(), **form.cleaned_data)
        return _show_key(request, source, key)
    return render(request, "accounts/source_new.html", {"form": form}, status=422 if form.errors else 200)


@needs("view_data")
def source(request: SignedIn, pk: int) -> HttpResponse:
    found = _shown(pk)
    may_change = request.user.may("manage_sources")
    form = ChangeSource(instance=found)
    if not may_change:
        for field in form.fields.values():
            field.disabled = True
    return render(request, "accounts/source.html", _page(found, form, may_change=may_change))


@needs("manage_sources")
@require_POST
def change_source(request: SignedIn, pk: int) -> HttpResponse:
    found = _shown(pk)
    form = ChangeSource(request.POST, instance=found)
    if not form.is_valid():
        return render(request, "accounts/source.html", _page(_shown(pk), form, may_change=True), status=422)
    if form.changed_data:
        source_keys.save_source(request.user, source=found, changed=form.changed_data, now=timezone.now())
    messages.success(request, "Saved.")
    return redirect("accounts:source", pk=pk)


@needs("manage_sources")
@never_cache
@require_POST
def add_key(request: SignedIn, pk: int) -> HttpResponse:
    found = _shown(pk)
    return _show_key(request, found, source_keys.add_key(request.user, source=found, now=timezone.now()))


@needs("manage_sources")
@require_POST
def revoke_key(request: SignedIn, pk: int, key_pk: int) -> HttpResponse:
    key = get_object_or_404(WriteKey.objects.select_related("source"), pk=key_pk, source=_shown(pk))
    source_keys.revoke_key(request.user, key=key, now=timezone.now())
    messages.success(request, f"The key ending in {key.hint} is revoked.")
    return redirect("accounts:source", pk=pk)


def _shown(pk: int) -> Source:
    return get_object_or_404(Source.objects.exclude(kind=Source.Kind.INTERNAL), pk=pk)


def _page(found: Source, form: ChangeSource, *, may_change: bool) -> dict[str, Any]:
    keys = list(found.keys.order_by("revoked_at", "-created_at"))
    return {"source": found, "form": form, "keys": keys, "may_change": may_change}


def _show_key(request: SignedIn, found: Source, key: source_keys.NewKey) -> HttpResponse:
    page = {"source": found, "key": key, "public_url": settings.PUBLIC_URL}
    return render(request, "accounts/source_key.html", page)
