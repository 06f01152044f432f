"""Pages for the people we write to, without signing in: what they want to get, signing up, and confirming it."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from campaigns import links, tasks
from campaigns.confirming import answer
from campaigns.echo import tell
from campaigns.known_about import known_about
from campaigns.models import Campaign, Delivery
from campaigns.policy import policy
from campaigns.visitor_links import Asked, read_confirm
from cdp.accounts.access import public
from cdp.common.bell import ring
from cdp.common.client_ip import client_ip
from cdp.common.clock import utc_now
from cdp.common.rate import count
from cdp.privacy import opt_in
from cdp.privacy.choices import choices_of, choose, leave_all
from cdp.privacy.consent import Address
from cdp.privacy.models import Topic
from cdp.profiles.addresses import address

CHANGED = "Email Preferences Changed"
ONE_CLICK = ("List-Unsubscribe", "One-Click")
MOST_SIGN_UPS, IN_S = 10, 600
"""From one address of the network."""


class SignUp(forms.Form):
    email = forms.EmailField(label="Your e-mail address", max_length=254)
    topics = forms.ModelMultipleChoiceField(
        label="What would you like to get?",
        queryset=Topic.objects.filter(is_offered=True).select_related("purpose").order_by("name"),
        to_field_name="key",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose what you would like to get."},
    )
    website = forms.CharField(required=False)
    """Nobody sees this field: what fills it in is no person."""


@public
@never_cache
@csrf_exempt  # the signed address is the authority; mail programs keep no cookies
@require_http_methods(["GET", "HEAD", "POST"])
def choices(request: HttpRequest, token: str) -> HttpResponse:
    """By topic, in words. Reading it changes nothing: scanners follow links."""
    delivery = _delivery(token)
    who, now, said = ("email", delivery.address), utc_now(), ""
    if request.method == "POST":
        campaign = Campaign.objects.get(pk=delivery.campaign_id)
        if request.POST.get("all") == "no":
            leave_all(who, note=campaign.name, now=now)
            tell("Unsubscribed", [delivery], campaign=campaign, now=now, about={"topics": "all"}, once="all")
            said = "Done. You will not hear from us any more."
        else:
            said = _chosen(request, who, delivery, campaign)
    page = {
        "address": _masked(delivery.address),
        "choices": choices_of(who),
        "known": known_about(delivery.profile_id),
        "said": said,
    }
    return _page(request, "choices", page)


@public
@never_cache
@csrf_exempt  # a shop may put the form on its own pages; all it does is to ask the address for its word
@require_http_methods(["GET", "HEAD", "POST"])
def subscribe(request: HttpRequest) -> HttpResponse:
    """Says the same whether the address is known or not."""
    form = SignUp(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        now = utc_now()
        verdict = count(f"subscribe:{client_ip(request)}", limit=MOST_SIGN_UPS, window_s=IN_S, now=now)
        if not verdict.is_allowed:
            refused = _page(request, "subscribe", {"form": form, "is_too_often": True}, status=429)
            refused["Retry-After"] = str(verdict.retry_after_s)
            return refused
        if form.is_valid():
            if not form.cleaned_data["website"]:
                who = ("email", address("email", form.cleaned_data["email"]))
                opt_in.sign_up(who, list(form.cleaned_data["topics"]), how="sign-up page", now=now)
                ring(tasks.ask_to_confirm)
            return _page(request, "subscribe", {"is_done": True})
    return _page(request, "subscribe", {"form": form}, status=422 if form.errors else 200)


@public
@never_cache
@csrf_exempt  # as above
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """A button, because scanners follow links: only what is posted counts. One click of a mail program on its own
    “unsubscribe” says no."""
    try:
        asked = read_confirm(token, now=utc_now())
    except links.BadLink:
        return _page(request, "confirm", {"state": "old"}, status=404)
    page: dict[str, Any] = {
        "state": "asked",
        "topics": Topic.objects.filter(key__in=asked.topics),
        "address": _masked(asked.address[1]),
    }
    if request.method == "POST":
        page |= _answered(request, asked)
    return _page(request, "confirm", page)


def _answered(request: HttpRequest, asked: Asked) -> dict[str, Any]:
    now = utc_now()
    if request.POST.get("answer") == "no" or request.POST.get(ONE_CLICK[0]) == ONE_CLICK[1]:
        opt_in.decline(asked.address, asked.topics, now=now)
        return {"state": "declined"}
    confirmed = answer(asked, now=now)
    return {"state": "confirmed" if confirmed else "declined", "topics": confirmed}


def _chosen(request: HttpRequest, who: Address, delivery: Delivery, campaign: Campaign) -> str:
    now = utc_now()
    changed = choose(who, set(request.POST.getlist("topics")), now=now)
    if not changed:
        return "Nothing was changed."
    about = {
        "granted": sorted(key for key, yes in changed.items() if yes),
        "denied": sorted(key for key, yes in changed.items() if not yes),
    }
    tell(CHANGED, [delivery], campaign=campaign, now=now, about=about, once=now.isoformat())
    return "Saved. It counts from the next mail on."


def _delivery(token: str) -> Delivery:
    try:
        ref: UUID = links.read_preferences(token)
    except links.BadLink as error:
        raise Http404 from error
    found = Delivery.objects.filter(ref=ref).first()
    if found is None:
        raise Http404
    return found


def _page(request: HttpRequest, name: str, page: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Under the shop's own name: these people do not know ours."""
    return render(request, f"campaigns/{name}.html", {"company": policy().company, **page}, status=status)


def _masked(email: str) -> str:
    """a…a@example.org: enough to know one's own."""
    name, _, domain = email.partition("@")
    return f"{name[:1]}…{name[-1:] if len(name) > 2 else ''}@{domain}"
