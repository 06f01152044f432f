"""A campaign's test in the browser: its variants, who gets them, and the winner."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from csp.decorators import csp
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from campaigns import tasks, variants
from campaigns.changes import Lost, named
from campaigns.content.vocabulary import Vocabulary
from campaigns.experiments import decide, edit
from campaigns.experiments.against import control_group, holdout_of
from campaigns.experiments.audience import audience_of
from campaigns.experiments.counts import arms_of
from campaigns.experiments.expected import in_test, promise, rate_before
from campaigns.experiments.forms import SettingsForm, VariantForm, forms_of
from campaigns.experiments.places import Place, found_at, places_in
from campaigns.experiments.shown import PERIODS, Shown, shown_against, shown_groups, shown_test
from campaigns.models import Campaign, Variant
from campaigns.policy import policy
from campaigns.preview_cards import card_of
from campaigns.results.kept import soon_of
from campaigns.views.sandbox import SANDBOX, framed
from cdp.accounts import audit
from cdp.accounts.access import SignedIn, needs
from cdp.common.bell import ring
from cdp.common.clock import utc_now
from cdp.common.readouts import kept

REFUSALS = (edit.NotADraft, edit.TooMany, edit.NoSuchVariant, Lost)


@needs("edit_campaigns")
def test(request: SignedIn, pk: int) -> HttpResponse:
    """One form for all of it: whichever button is pressed, what was typed is saved first."""
    campaign = _campaign(pk)
    if campaign.state != Campaign.State.DRAFT:
        return redirect("campaigns:campaign", pk=pk)
    ways, places = _ways(campaign), places_in(campaign.template.content)
    asked = SettingsForm(request.POST or None, campaign=campaign)
    listed = forms_of(ways, _varied(ways, places), request.POST or None)
    if request.method == "POST":
        try:
            is_saved = not ways or _saved(campaign, listed, asked, places)
            if is_saved and (answer := _done(request, campaign, places)):
                return answer
        except REFUSALS as error:
            messages.error(request, str(error))
            return redirect("campaigns:test", pk=pk)
    context = _page(campaign, ways, places) | {"settings": asked, "forms": _with_problems(campaign, listed)}
    return render(request, "campaigns/experiments/test.html", context, status=422 if request.POST else 200)


@needs("view_campaigns")
@require_GET
@csp(SANDBOX)  # type: ignore[arg-type]  # typed for views without arguments
def card(request: SignedIn, pk: int, number: int) -> HttpResponse:
    """What a variant says, as a made-up person sees it."""
    try:
        found = variants.made(_campaign(pk)).get(number)
    except Lost as error:
        return framed(f"<!doctype html><meta charset=utf-8><p>{named(error.place)} is gone.")
    if found is None:
        raise Http404
    return framed(card_of(found.content, modules=found.modules, now=utc_now()))


@needs("view_campaigns")
@require_GET
def compared(request: SignedIn, pk: int) -> HttpResponse:
    """A part of the campaign's page: its variants, who was held out, and how the hours were found, compared."""
    campaign, now = _campaign(pk), utc_now()
    told = soon_of(campaign, lambda: _compared(campaign, now), "compared", now=now)
    if told is None:
        return render(request, "_counting.html")
    context = {
        "campaign": campaign,
        **told.value,
        "as_of": told,
        "currency": settings.REPORTING_CURRENCY,
        "decides_at": decide.decides_at(campaign) if campaign.winner is None and campaign.test_percent < 100 else None,
        "now": now,
    }
    return render(request, "campaigns/experiments/_compared.html", context)


def _compared(campaign: Campaign, now: datetime) -> dict[str, Shown | None]:
    held = holdout_of(campaign, now=now) if campaign.holdout_percent else None
    arms = arms_of(campaign) if campaign.timing == Campaign.Timing.BEST_HOUR else []
    return {
        "test": shown_test(campaign),
        "holdout": shown_against(held, seed=campaign.pk) if held else None,
        "arms": shown_groups(arms, campaign) if len(arms) > 1 else None,
    }


@needs("view_campaigns")
@require_GET
def control(request: SignedIn) -> HttpResponse:
    """What all campaigns together do: everybody else against the people who get none."""
    now, asked = utc_now(), request.GET.get("days", "")
    days = int(asked) if asked in {str(one) for one in PERIODS} else PERIODS[1]
    told = kept(lambda: control_group(since=now - timedelta(days=days), now=now), "control", days, now=now)
    found = told.value
    shown: Shown | None = shown_against(found, seed=days) if found else None
    context = {
        "shown": shown,
        "as_of": told,
        "days": days,
        "periods": PERIODS,
        "share": policy().control_percent,
        "currency": settings.REPORTING_CURRENCY,
    }
    return render(request, "campaigns/experiments/control.html", context)


@needs("send_campaigns")
@require_POST
def decide_now(request: SignedIn, pk: int) -> HttpResponse:
    campaign, now = _campaign(pk), utc_now()
    try:
        decision = decide.decide(campaign, by=request.user, now=now)
    except decide.NothingToDecide as error:
        messages.error(request, str(error))
    else:
        details = {"variant": decision.number, "waiting": decision.waiting}
        audit.record(request.user, verb="decided test", target=campaign.name, details=details, now=now)
        ring(tasks.decide_tests)
    return redirect("campaigns:campaign", pk=pk)


def _saved(campaign: Campaign, listed: list[VariantForm], settings: SettingsForm, places: list[Place]) -> bool:
    if not all([*(one.is_valid() for one in listed), settings.is_valid()]):
        return False
    said = {one.variant.number: one.said() for one in listed}
    edit.save(campaign, said=said, settings=settings.said(), places=places)
    return True


def _done(request: SignedIn, campaign: Campaign, places: list[Place]) -> HttpResponse | None:
    """What the button beside saving says, as `verb:what`."""
    verb, _, what = request.POST.get("do", "").partition(":")
    now = utc_now()
    if verb == "vary":
        chosen = next((one for one in places if edit.key_of(one.path) == request.POST.get("place")), None)
        if chosen is None:
            messages.error(request, "Choose what the variants should differ in.")
        else:
            edit.vary(campaign, place=chosen)
    elif verb == "own" and what.isdecimal():
        mail = edit.own_mail(campaign, number=int(what), by=request.user, now=now)
        return redirect("campaigns:editor", pk=mail.pk)
    elif verb in VERBS:
        VERBS[verb](campaign, what)
    else:
        messages.success(request, "The test is saved.")
    audit.record(request.user, verb="changed test", target=campaign.name, details={"what": verb or "saved"}, now=now)
    return redirect("campaigns:test", pk=campaign.pk)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 4 else 0


VERBS: dict[str, Callable[[Campaign, str], None]] = {
    "add": lambda campaign, what: edit.add(campaign),
    "remove": lambda campaign, what: edit.remove(campaign, number=_number(what)),
    "unvary": lambda campaign, what: edit.unvary(campaign, key=what),
    "shared": lambda campaign, what: edit.shared_mail(campaign, number=_number(what)),
}


def _page(campaign: Campaign, ways: list[Variant], places: list[Place]) -> dict[str, Any]:
    now = utc_now()
    found = [(edit.key_of(path), found_at(places, path), named(path)) for path in edit.varied(ways)]
    taken = {key for key, _, _ in found}
    audience, rate = audience_of(campaign, now=now), rate_before(campaign, now=now)
    people = in_test(campaign, audience=audience) if audience else 0
    return {
        "campaign": campaign,
        "varied": found,
        "places": [(edit.key_of(one.path), one) for one in places if edit.key_of(one.path) not in taken],
        "audience": audience,
        "promise": promise(people, weights=[one.weight for one in ways], rate=rate),
        "may_add": len(ways) < edit.MOST,
    }


def _with_problems(campaign: Campaign, listed: list[VariantForm]) -> list[tuple[VariantForm, list[Any]]]:
    found = {one.pk: problems for one, problems in variants.problems_of_each(campaign, vocabulary=Vocabulary.lately())}
    return [(form, [one for one in found.get(form.variant.pk, []) if one.is_error]) for form in listed]


def _varied(ways: list[Variant], places: list[Place]) -> list[Place]:
    return [one for path in edit.varied(ways) if (one := found_at(places, path))]


def _ways(campaign: Campaign) -> list[Variant]:
    return list(campaign.variants.select_related("template", "campaign__template").order_by("number"))


def _campaign(pk: int) -> Campaign:
    return get_object_or_404(Campaign.objects.select_related("template", "version", "topic"), pk=pk)
