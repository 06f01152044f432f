"""Signing in, in one or two steps, and out."""

from datetime import datetime

from axes.handlers.proxy import AxesProxyHandler
from django.contrib import auth, messages
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from cdp.accounts import lockout, second_factor, sessions
from cdp.accounts.access import public
from cdp.accounts.audit import record
from cdp.accounts.forms import Code, SignIn
from cdp.accounts.models import User
from cdp.accounts.password_check import Paused, person_with

PENDING = "second_factor_pending"
PENDING_S = 300
BACKEND = "django.contrib.auth.backends.ModelBackend"
WRONG = "E-mail or password is wrong. Capital letters count in the password."


@public
@never_cache
@sensitive_post_parameters("password")
def login(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect(_after(request))
    form = SignIn(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            user = person_with(request, **form.cleaned_data)
        except Paused:
            return lockout.locked_out(request)
        if user is not None:
            return _second_step(request, user) if second_factor.is_on(user) else finish(request, user)
        form.add_error(None, WRONG)
        status = 422
    return render(request, "accounts/login.html", {"form": form, "next": request.GET.get("next", "")}, status=status)


def _second_step(request: HttpRequest, user: User) -> HttpResponse:
    request.session[PENDING] = {"user": user.pk, "at": timezone.now().timestamp(), "next": _after(request)}
    return redirect("accounts:code")


@public
@never_cache
@sensitive_post_parameters("code")
def code(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    user = _pending(request, now=now)
    if user is None:
        messages.warning(request, "That took too long. Sign in again.")
        return redirect("accounts:login")
    form = Code(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        credentials = {"username": user.email}
        if not AxesProxyHandler.is_allowed(request, credentials):
            return lockout.locked_out(request)
        device = second_factor.verify(user, code=form.cleaned_data["code"])
        if device is not None:
            user.otp_device = device  # type: ignore[attr-defined]
            return finish(request, user)
        user_login_failed.send(__name__, credentials=credentials, request=request)
        form.add_error("code", _wrong_code(second_factor.waits_s(user, now=timezone.now())))
        status = 422
    return render(request, "accounts/code.html", {"form": form}, status=status)


def _wrong_code(wait_s: int) -> str:
    said = "That code is not right, or was used already."
    return f"{said} Wait {wait_s} s before the next try." if wait_s > 1 else f"{said} Take the one shown now."


def _pending(request: HttpRequest, *, now: datetime) -> User | None:
    pending = request.session.get(PENDING)
    if not pending or now.timestamp() - pending["at"] > PENDING_S:
        return None
    return User.objects.filter(pk=pending["user"], is_active=True).first()


def finish(request: HttpRequest, user: User) -> HttpResponse:
    """Both steps are done: a new session key, noted in the person's list of sessions."""
    now = timezone.now()
    pending = request.session.pop(PENDING, None)
    target = pending["next"] if pending else _after(request)
    auth.login(request, user, backend=BACKEND)
    agent = request.headers.get("User-Agent", "")
    sessions.remember(user, session_key=str(request.session.session_key), user_agent=agent, now=now)
    record(user, verb="signed in", target=user.email, now=now)
    return redirect(target)


def _after(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else resolve_url("home")


@public
@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    if isinstance(request.user, User):
        record(request.user, verb="signed out", target=request.user.email, now=timezone.now())
    if request.session.session_key:
        sessions.forget(request.session.session_key)
    auth.logout(request)
    return redirect("accounts:login")
