"""Senders and their domains in the browser: addresses, DNS, signing keys, and who we say we are."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from campaigns.account_form import CompanyForm, SenderForm
from campaigns.accounts import keys
from campaigns.accounts import senders as known
from campaigns.accounts.dns import texts_of
from campaigns.accounts.domain_check import State, check
from campaigns.channels.dkim import record_of
from campaigns.models import DomainKey, Sender, SenderDomain
from campaigns.policy import policy, save_company
from cdp.accounts.access import SignedIn, needs
from cdp.accounts.audit import record
from cdp.common.clock import utc_now


@needs("manage_sending")
def senders(request: SignedIn) -> HttpResponse:
    return _page(request, SenderForm(), _company_form())


@needs("manage_sending")
@require_POST
def add(request: SignedIn) -> HttpResponse:
    form = SenderForm(request.POST)
    if form.is_valid():
        try:
            added = known.add(
                form.cleaned_data["name"], address=form.cleaned_data["address"], by=request.user, now=utc_now()
            )
        except known.BadSender as error:
            form.add_error("address", str(error.__doc__))
        else:
            messages.success(request, f"{added} can be chosen now. Look at what DNS says of {added.domain.name}.")
            return redirect("campaigns:domain", pk=added.domain_id)
    return _page(request, form, _company_form(), status=422)


@needs("manage_sending")
@require_POST
def company(request: SignedIn) -> HttpResponse:
    form = CompanyForm(request.POST)
    if not form.is_valid():
        return _page(request, SenderForm(), form, status=422)
    now = utc_now()
    save_company(**form.cleaned_data, now=now)
    record(request.user, verb="changed company and address", target="How we send", details=form.cleaned_data, now=now)
    messages.success(request, "Footers show it from the next mail on.")
    return redirect("campaigns:senders")


@needs("manage_sending")
@require_POST
def remove(request: SignedIn, pk: int) -> HttpResponse:
    sender = get_object_or_404(Sender.objects.select_related("domain"), pk=pk)
    known.remove(sender, by=request.user, now=utc_now())
    messages.success(request, f"{sender} was removed. Campaigns that were started go on with it.")
    return redirect("campaigns:senders")


@needs("manage_sending")
def domain(request: SignedIn, pk: int) -> HttpResponse:
    found = get_object_or_404(SenderDomain, pk=pk)
    of_domain = found.keys.order_by("-created_at")
    context = {
        "domain": found,
        "findings": known.findings(found),
        "keys": [(key, f"{key.selector}._domainkey.{found.name}", record_of(key.public)) for key in of_domain],
        "senders": found.senders.order_by("name"),
    }
    return render(request, "campaigns/accounts/domain.html", context)


@needs("manage_sending")
@require_POST
def check_domain(request: SignedIn, pk: int) -> HttpResponse:
    check(get_object_or_404(SenderDomain, pk=pk), texts_of=texts_of, now=utc_now())
    return redirect("campaigns:domain", pk=pk)


@needs("manage_sending")
@require_POST
def make_key(request: SignedIn, pk: int) -> HttpResponse:
    found = get_object_or_404(SenderDomain, pk=pk)
    if found.keys.count() >= 5:
        messages.error(request, "Five keys are enough: remove one that signs nothing.")
    else:
        keys.make(found, by=request.user, now=utc_now())
        messages.success(request, "Put the key's record into DNS, check the domain, then sign with it.")
    return redirect("campaigns:domain", pk=pk)


@needs("manage_sending")
@require_POST
def use_key(request: SignedIn, pk: int) -> HttpResponse:
    key = get_object_or_404(DomainKey.objects.select_related("domain"), pk=pk)
    keys.use(key, by=request.user, now=utc_now())
    return redirect("campaigns:domain", pk=key.domain_id)


@needs("manage_sending")
@require_POST
def remove_key(request: SignedIn, pk: int) -> HttpResponse:
    key = get_object_or_404(DomainKey.objects.select_related("domain"), pk=pk)
    keys.remove(key, by=request.user, now=utc_now())
    return redirect("campaigns:domain", pk=key.domain_id)


def _page(request: SignedIn, form: SenderForm, company_form: CompanyForm, *, status: int = 200) -> HttpResponse:
    domains = SenderDomain.objects.prefetch_related("senders", "keys").order_by("name")
    lines = [(one, one.senders.all(), _state(one), any(key.signs_since for key in one.keys.all())) for one in domains]
    context = {"form": form, "company": company_form, "lines": lines}
    return render(request, "campaigns/accounts/senders.html", context, status=status)


def _state(one: SenderDomain) -> str:
    """The worst of what was found."""
    states = {finding.state for finding in known.findings(one)}
    return next((state for state in (State.BAD, State.UNKNOWN, State.WARN) if state in states), State.GOOD)


def _company_form() -> CompanyForm:
    as_set = policy()
    return CompanyForm(initial={"company": as_set.company, "postal_address": as_set.postal_address})
