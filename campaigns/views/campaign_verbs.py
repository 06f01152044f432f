"""What is done with a campaign in the browser: each verb is a post, safe against a second click."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from campaigns import audience, tasks, verbs
from campaigns.check.state import standing
from campaigns.models import Campaign
from campaigns.said import people
from cdp.accounts.access import SignedIn, needs
from cdp.common.bell import ring
from cdp.common.clock import deployment_zone, utc_now

WITHOUT_CHECK = {"without_check": "yes"}
"""What the form sends that says so."""
REFUSALS = (
    audience.AlreadyStarted,
    audience.ChangedMeanwhile,
    audience.NeverComes,
    verbs.NotNow,
    verbs.OwnWork,
    verbs.ChangedSinceAsked,
)


@needs("send_campaigns")
@require_POST
def send(request: SignedIn, pk: int) -> HttpResponse:
    """What was not checked as it is now, or has errors, is sent only if that is said."""
    found = get_object_or_404(Campaign.objects.select_related("template"), pk=pk)
    stands = standing(found)
    if not stands.is_enough and any(request.POST.get(name) != value for name, value in WITHOUT_CHECK.items()):
        messages.error(request, f"Not sent. {stands.words}")
        return redirect("campaigns:campaign", pk=pk)

    def start() -> str:
        n = verbs.start(found, by=request.user, now=utc_now(), zone=deployment_zone())
        return "Approval is asked for. Somebody else who may approve campaigns has to say yes." if n is None else ""

    return _done(request, pk, start)


@needs("approve_campaigns")
@require_POST
def approve(request: SignedIn, pk: int) -> HttpResponse:
    found = get_object_or_404(Campaign, pk=pk)

    def do() -> str:
        verbs.approve(found, by=request.user, now=utc_now(), zone=deployment_zone())
        return "Approved and started."

    return _done(request, pk, do)


@needs("send_campaigns")
@require_POST
def take_back(request: SignedIn, pk: int) -> HttpResponse:
    found = get_object_or_404(Campaign, pk=pk)

    def do() -> str:
        verbs.take_back(found, by=request.user, now=utc_now())
        return "It is a draft again."

    return _done(request, pk, do)


@needs("send_campaigns")
@require_POST
def pause(request: SignedIn, pk: int) -> HttpResponse:
    found = get_object_or_404(Campaign, pk=pk)

    def do() -> str:
        verbs.pause(found, by=request.user, now=utc_now())
        return "Paused."

    return _done(request, pk, do)


@needs("send_campaigns")
@require_POST
def resume(request: SignedIn, pk: int) -> HttpResponse:
    found = get_object_or_404(Campaign, pk=pk)

    def do() -> str:
        verbs.resume(found, by=request.user, now=utc_now(), zone=deployment_zone())
        return "It goes on."

    return _done(request, pk, do)


@needs("send_campaigns")
@require_POST
def cancel(request: SignedIn, pk: int) -> HttpResponse:
    found = get_object_or_404(Campaign, pk=pk)

    def do() -> str:
        n = verbs.waiting(found)
        verbs.cancel(found, by=request.user, now=utc_now())
        return f"Cancelled: {people(n)} who waited got nothing."

    return _done(request, pk, do)


def _done(request: SignedIn, pk: int, do: Callable[[], str]) -> HttpResponse:
    """Says what was done, or why not."""
    try:
        if said := do():
            messages.success(request, said)
    except audience.NotReady as error:
        messages.error(request, f"Not sent. {_sentence(error)} {error}")
    except REFUSALS as error:
        messages.error(request, _sentence(error))
    else:
        ring(tasks.plan_due)
        ring(tasks.send)
    return redirect("campaigns:campaign", pk=pk)


def _sentence(error: Exception) -> str:
    return " ".join(str(error.__doc__).split())
