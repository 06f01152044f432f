"""One's own account: name, password, sessions."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from cdp.accounts import lockout, second_factor, sessions
from cdp.accounts.access import SignedIn, member
from cdp.accounts.audit import record
from cdp.accounts.devices import device_name
from cdp.accounts.forms import NewPassword, OwnDetails
from cdp.accounts.password_check import Paused, person_with


@member
def profile(request: SignedIn) -> HttpResponse:
    form = OwnDetails(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Saved.")
        return redirect("accounts:profile")
    return render(request, "accounts/profile.html", {"form": form})


@member
@sensitive_post_parameters("old", "new")
def password(request: SignedIn) -> HttpResponse:
    user = request.user
    form = NewPassword(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        try:
            is_right = person_with(request, username=user.email, password=form.cleaned_data["old"]) is not None
        except Paused:
            return lockout.locked_out(request)
        if is_right:
            change_password(request, new=form.cleaned_data["new"])
            messages.success(request, "Your password was changed. Your other sessions were signed out.")
            return redirect("accounts:security")
        form.add_error("old", "That is not your present password.")
    return render(request, "accounts/password.html", {"form": form}, status=422 if form.errors else 200)


def change_password(request: SignedIn, *, new: str) -> None:
    user, before = request.user, str(request.session.session_key)
    user.set_password(new)
    user.save(update_fields=["password"])
    update_session_auth_hash(request, user)
    sessions.rename(before, to=str(request.session.session_key))
    sessions.end(user, but=str(request.session.session_key))
    record(user, verb="changed password", target=user.email, now=timezone.now())


@member
def security(request: SignedIn) -> HttpResponse:
    now = timezone.now()
    living = [
        (session, device_name(session.user_agent), session.session_key == request.session.session_key)
        for session in sessions.living(request.user, now=now)
    ]
    is_on = second_factor.is_on(request.user)
    page = {
        "sessions": living,
        "is_on": is_on,
        "codes_left": second_factor.codes_left(request.user) if is_on else 0,
    }
    return render(request, "accounts/security.html", page)


@member
@require_POST
def end_session(request: SignedIn, pk: int) -> HttpResponse:
    if sessions.end(request.user, only=pk, but=str(request.session.session_key)):
        record(request.user, verb="ended a session", target=request.user.email, now=timezone.now())
        messages.success(request, "That browser was signed out.")
    return redirect("accounts:security")


@member
@require_POST
def end_other_sessions(request: SignedIn) -> HttpResponse:
    n = sessions.end(request.user, but=str(request.session.session_key))
    record(
        request.user,
        verb="ended other sessions",
        target=request.user.email,
        details={"n": n},
        now=timezone.now(),
    )
    messages.success(request, f"{n} other session{'' if n == 1 else 's'} signed out.")
    return redirect("accounts:security")
