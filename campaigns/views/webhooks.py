"""Webhooks in the browser: who is told what, how that goes, and each message with its answer."""

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from campaigns.models import Endpoint, WebhookMessage
from campaigns.webhook_form import EndpointForm
from campaigns.webhooks import save
from campaigns.webhooks.attempt import attempt
from campaigns.webhooks.deliver import With
from campaigns.webhooks.health import chart_of, health_of
from campaigns.webhooks.told_to import sentences
from cdp.accounts.access import SignedIn, needs
from cdp.common.clock import utc_now
from cdp.common.keyset import page_of
from cdp.common.outbound import open_client, policy_by_settings
from cdp.profiles.naming import people

MAY = "manage_sending"
SHOWN = 25
"""Messages on one page."""
State = WebhookMessage.State


@needs(MAY)
def webhooks(request: SignedIn) -> HttpResponse:
    page = page_of(Endpoint.objects.all(), order=("name", "id"), query=request.GET)
    health = health_of(page.rows, now=utc_now())
    lines = [(one, health[one.pk], sentences(one)) for one in page.rows]
    return render(request, "campaigns/webhooks/webhooks.html", {"page": page, "lines": lines})


@needs(MAY)
@never_cache
def new(request: SignedIn) -> HttpResponse:
    form = EndpointForm(request.POST or None, policy=policy_by_settings())
    if request.method == "POST" and form.is_valid():
        made, secret = save.create(form.plan(), by=save.Doer(request.user), now=utc_now())
        return render(request, "campaigns/webhooks/secret.html", {"endpoint": made, "secret": secret})
    return render(request, "campaigns/webhooks/edit.html", {"form": form}, status=422 if form.errors else 200)


@needs(MAY)
def edit(request: SignedIn, pk: int) -> HttpResponse:
    found = get_object_or_404(Endpoint, pk=pk)
    form = EndpointForm(request.POST or None, policy=policy_by_settings(), endpoint=found)
    if request.method == "POST" and form.is_valid():
        save.change(found, plan=form.plan(), by=save.Doer(request.user), now=utc_now())
        messages.success(request, f"“{found.name}” was saved.")
        return redirect("campaigns:webhook", pk=pk)
    context = {"form": form, "endpoint": found}
    return render(request, "campaigns/webhooks/edit.html", context, status=422 if form.errors else 200)


@needs(MAY)
def webhook(request: SignedIn, pk: int) -> HttpResponse:
    found, now = get_object_or_404(Endpoint, pk=pk), utc_now()
    rows = WebhookMessage.objects.filter(endpoint=found).defer("body")
    chosen = request.GET.get("state", "")
    if chosen in State.values:
        rows = rows.filter(state=chosen)
    page = page_of(rows, order=("-id",), query=request.GET, size=SHOWN)
    who = people(row.profile_id for row in page.rows if row.profile_id)
    health = health_of([found], now=now)[found.pk]
    context = {
        "endpoint": found,
        "health": health,
        "sentences": sentences(found),
        "chart": chart_of(found, now=now),
        "page": page,
        "lines": [(row, who.get(row.profile_id or 0)) for row in page.rows],
        "chosen": chosen,
        "states": [("", "All"), *State.choices],
        "is_rotating": found.old_until is not None and found.old_until > now,
        "is_resting": found.rests_until is not None and found.rests_until > now,
        "delete_text": _deleting(health.waiting),
    }
    return render(request, "campaigns/webhooks/webhook.html", context)


@needs(MAY)
def message(request: SignedIn, pk: int, message_pk: int) -> HttpResponse:
    row = get_object_or_404(WebhookMessage.objects.select_related("endpoint"), pk=message_pk, endpoint=pk)
    context = {
        "endpoint": row.endpoint,
        "message": row,
        "body": json.dumps(json.loads(row.body), ensure_ascii=False, indent=2),
        "person": people([row.profile_id]).get(row.profile_id) if row.profile_id else None,
    }
    return render(request, "campaigns/webhooks/message.html", context)


@needs(MAY)
@require_POST
def test_webhook(request: SignedIn, pk: int) -> HttpResponse:
    found = get_object_or_404(Endpoint, pk=pk)
    with _world() as given:
        row = attempt(found, given=given, now=utc_now())
    if row.state == State.DELIVERED:
        messages.success(request, f"The test was delivered: it answered {row.status}.")
    else:
        messages.error(request, "The test was not delivered. Below is what it answered.")
    return redirect("campaigns:webhook_message", pk=pk, message_pk=row.pk)


@needs(MAY)
@require_POST
def pause(request: SignedIn, pk: int) -> HttpResponse:
    save.pause(get_object_or_404(Endpoint, pk=pk), by=save.Doer(request.user), now=utc_now())
    return redirect("campaigns:webhook", pk=pk)


@needs(MAY)
@require_POST
def resume(request: SignedIn, pk: int) -> HttpResponse:
    save.resume(get_object_or_404(Endpoint, pk=pk), by=save.Doer(request.user), now=utc_now())
    messages.success(request, "It is on. What waited is posted now.")
    return redirect("campaigns:webhook", pk=pk)


@needs(MAY)
@require_POST
@never_cache
def rotate(request: SignedIn, pk: int) -> HttpResponse:
    found = get_object_or_404(Endpoint, pk=pk)
    secret = save.rotate(found, by=save.Doer(request.user), now=utc_now())
    return render(request, "campaigns/webhooks/secret.html", {"endpoint": found, "secret": secret, "is_new": True})


@needs(MAY)
@require_POST
def again(request: SignedIn, pk: int) -> HttpResponse:
    """One message, or all that were given up."""
    found, message_pk = get_object_or_404(Endpoint, pk=pk), request.POST.get("message", "")
    one = int(message_pk[:18]) if message_pk.isascii() and message_pk.isdigit() else None
    n = save.again(found, message_id=one, by=save.Doer(request.user), now=utc_now())
    messages.success(request, f"{n:,} message{'' if n == 1 else 's'} will be posted again within seconds.")
    if one and n:
        return redirect("campaigns:webhook_message", pk=pk, message_pk=one)
    return redirect("campaigns:webhook", pk=pk)


@needs(MAY)
@require_POST
def delete(request: SignedIn, pk: int) -> HttpResponse:
    found = get_object_or_404(Endpoint, pk=pk)
    save.delete(found, by=save.Doer(request.user), now=utc_now())
    messages.success(request, f"“{found.name}” was deleted.")
    return redirect("campaigns:webhooks")


@contextmanager
def _world() -> Iterator[With]:
    with open_client() as client:
        yield With(client, settings.ENCRYPTION_KEYS, utc_now, random.Random())  # noqa: S311


def _deleting(waiting: int) -> str:
    left = f"{waiting:,} that wait are never posted. " if waiting else ""
    what = "It is told nothing any more, and its messages are deleted."
    return f"{what} {left}This cannot be undone; you can pause it instead."
