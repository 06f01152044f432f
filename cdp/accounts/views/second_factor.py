"""Turning the second factor on and off."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from cdp.accounts import lockout, second_factor, sessions
from cdp.accounts.access import SignedIn, member
from cdp.accounts.audit import record
from cdp.accounts.forms import Code, OnlyPassword
from cdp.accounts.password_check import Paused, person_with


@member
@never_cache
def enrol(request: SignedIn) -> HttpResponse:
    user = request.user
    if second_factor.is_on(user):
        messages.info(request, "The second factor is on already.")
        return redirect("accounts:security")
    device = second_factor.begin(user)
    form = Code(request.POST or None)
    form.fields["code"].help_text = "The six digits the app shows now."
    if request.method == "POST" and form.is_valid():
        codes = second_factor.confirm(user, code=form.cleaned_data["code"])
        if codes is not None:
            sessions.end(user, but=str(request.session.session_key))
            record(user, verb="turned on second factor", target=user.email, now=timezone.now())
            return render(request, "accounts/recovery_codes.html", {"codes": codes, "is_first": True})
        form.add_error("code", "That code is not right. Take the one shown now; the phone's clock must be right too.")
    page = {"form": form, "picture": second_factor.picture(device), "key": second_factor.typed_key(device)}
    return render(request, "accounts/enrol.html", page, status=422 if form.errors else 200)


@member
def turn_off(request: SignedIn) -> HttpResponse:
    def after() -> HttpResponse:
        second_factor.turn_off(request.user)
        record(request.user, verb="turned off second factor", target=request.user.email, now=timezone.now())
        messages.success(request, "The second factor is off. Your password alone signs you in.")
        return redirect("accounts:security")

    words = {
        "title": "Turn off the second factor",
        "text": "From then on your password alone signs you in, and your recovery codes stop working.",
        "action": "Turn it off",
    }
    return _with_password(request, words, after)


@member
def new_codes(request: SignedIn) -> HttpResponse:
    def after() -> HttpResponse:
        codes = second_factor.new_recovery_codes(request.user)
        record(request.user, verb="made new recovery codes", target=request.user.email, now=timezone.now())
        return render(request, "accounts/recovery_codes.html", {"codes": codes, "is_first": False})

    if not second_factor.is_on(request.user):
        return redirect("accounts:security")
    words = {
        "title": "Make new recovery codes",
        "text": "You get ten new codes. The old ones stop working.",
        "action": "Make new codes",
    }
    return _with_password(request, words, after)


@never_cache
@sensitive_post_parameters("password")
def _with_password(request: SignedIn, words: dict[str, str], after: Callable[[], HttpResponse]) -> HttpResponse:
    """Asks for the password first: a browser left open must not be enough."""
    form = OnlyPassword(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            if person_with(request, username=request.user.email, password=form.cleaned_data["password"]):
                return after()
        except Paused:
            return lockout.locked_out(request)
        form.add_error("password", "That is not your password.")
    return render(request, "accounts/ask_password.html", {"form": form, **words}, status=422 if form.errors else 200)
