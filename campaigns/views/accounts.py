"""Sending accounts in the browser: list, set-up, and one real mail to see whether it works."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from campaigns.account_form import AccountForm
from campaigns.accounts import save
from campaigns.accounts.attempt import NotTried, attempt
from campaigns.channels.kinds import BadSettings, Kind
from campaigns.channels.known import CHANNELS, kind_of, secrets_of
from campaigns.models import Account, Campaign, Sender
from cdp.accounts.access import SignedIn, needs
from cdp.common.clock import utc_now
from cdp.common.keyset import page_of
from cdp.common.secrets import SecretLost

LOST = "Its secrets were encrypted with a key that is gone. Enter them anew."


@needs("manage_sending")
def accounts(request: SignedIn) -> HttpResponse:
    is_archive = request.GET.get("show") == "archived"
    page = page_of(Account.objects.filter(archived_at__isnull=not is_archive), order=("name", "id"), query=request.GET)
    context = {
        "page": page,
        "lines": [(one, _label(one)) for one in page.rows],
        "is_archive": is_archive,
        "n_archived": Account.objects.exclude(archived_at=None).count(),
    }
    return render(request, "campaigns/accounts/accounts.html", context)


@needs("manage_sending")
def choose(request: SignedIn) -> HttpResponse:
    return render(request, "campaigns/accounts/choose.html", {"kinds": CHANNELS.values()})


@needs("manage_sending")
def new(request: SignedIn, kind: str) -> HttpResponse:
    if kind not in CHANNELS:
        raise Http404
    form = AccountForm(request.POST or None, kind=CHANNELS[kind])
    if request.method == "POST" and form.is_valid():
        return _saved(request, save.create(form.plan(), kind=kind, by=request.user, now=utc_now()))
    return _form(request, form, None, is_lost=False)


@needs("manage_sending")
def edit(request: SignedIn, pk: int) -> HttpResponse:
    found, kind = _found(pk)
    kept, is_lost = _kept(found)
    form = AccountForm(request.POST or None, kind=kind, account=found, kept=kept)
    if request.method == "POST" and form.is_valid():
        save.change(found, plan=form.plan(), by=request.user, now=utc_now())
        return _saved(request, found)
    return _form(request, form, found, is_lost=is_lost)


@needs("manage_sending")
def account(request: SignedIn, pk: int) -> HttpResponse:
    found, kind = _found(pk)
    kept, is_lost = _kept(found)
    context = {
        "account": found,
        "kind": kind,
        "is_lost": is_lost,
        "lines": [(one.label, _shown(kind, found, one.key, kept)) for one in kind.fields],
        "hook_url": settings.PUBLIC_URL + reverse("campaigns:hook", args=[found.hook]) if found.hook else "",
        "is_heard": bool(kept.get("hook_secret")),
        "campaigns": Campaign.objects.filter(account=found).order_by("-created_at")[:20],
        "senders": Sender.objects.order_by("name"),
    }
    return render(request, "campaigns/accounts/account.html", context)


@needs("manage_sending")
@require_POST
def attempt_account(request: SignedIn, pk: int) -> HttpResponse:
    found, _ = _found(pk)
    sender = Sender.objects.filter(pk=request.POST.get("sender") or 0).select_related("domain").first()
    to = request.POST.get("to", "").strip()
    try:
        if sender is None:
            raise NotTried("Choose a sender first.")
        is_taken, said = attempt(found, sender=sender, to=to, now=utc_now())
    except (NotTried, BadSettings) as error:
        is_taken, said = False, str(error)
    except SecretLost:
        is_taken, said = False, LOST
    return render(request, "campaigns/accounts/_tried.html", {"is_taken": is_taken, "said": said, "to": to})


@needs("manage_sending")
@require_POST
def archive(request: SignedIn, pk: int) -> HttpResponse:
    found, _ = _found(pk)
    try:
        save.archive(found, by=request.user, now=utc_now())
    except save.InUse as error:
        messages.error(request, str(error.__doc__))
        return redirect("campaigns:account", pk=pk)
    messages.success(request, f"“{found.name}” was archived. Campaigns no longer offer it, and it can be restored.")
    return redirect("campaigns:accounts")


@needs("manage_sending")
@require_POST
def restore(request: SignedIn, pk: int) -> HttpResponse:
    found, _ = _found(pk)
    save.restore(found, by=request.user, now=utc_now())
    return redirect("campaigns:account", pk=pk)


def _found(pk: int) -> tuple[Account, Kind]:
    found = get_object_or_404(Account, pk=pk)
    try:
        return found, kind_of(found)
    except BadSettings as error:
        raise Http404 from error


def _kept(found: Account) -> tuple[dict[str, str], bool]:
    """Its secrets, and whether the key they were encrypted with is gone."""
    try:
        return secrets_of(found), False
    except SecretLost:
        return {}, True


def _shown(kind: Kind, found: Account, key: str, kept: dict[str, str]) -> str:
    if key in kind.secrets:
        return "kept, encrypted" if kept.get(key) else "none"
    value = str(found.settings.get(key, ""))
    field = kind.field(key)
    return dict(field.choices).get(value, value) if field else value


def _label(found: Account) -> str:
    return CHANNELS[found.kind].label if found.kind in CHANNELS else found.kind


def _form(request: SignedIn, form: AccountForm, found: Account | None, *, is_lost: bool) -> HttpResponse:
    context = {"form": form, "account": found, "kind": form.kind, "is_lost": is_lost}
    return render(request, "campaigns/accounts/edit.html", context, status=422 if form.errors else 200)


def _saved(request: SignedIn, found: Account) -> HttpResponse:
    messages.success(request, f"“{found.name}” was saved. Send a test mail below to see whether it works.")
    return redirect("campaigns:account", pk=found.pk)
