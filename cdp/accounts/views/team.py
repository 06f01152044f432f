"""The team: who belongs to it, with which role, and who is invited."""

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.core.mail import send_mail
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST
from django_otp.plugins.otp_totp.models import TOTPDevice

from cdp.accounts import team
from cdp.accounts.access import SignedIn, needs, public
from cdp.accounts.forms import Invite, Join, RoleChange
from cdp.accounts.models import Invitation, User
from cdp.accounts.roles import PERMISSIONS, WORDS, Role, role_of
from cdp.accounts.views.sign_in import finish


@needs("manage_team")
def people(request: SignedIn) -> HttpResponse:
    members = (
        User.objects.prefetch_related("groups")
        .annotate(seen_at=Max("sessions__last_seen_at"))
        .order_by("-is_active", "name", "email")
    )
    secured = set(TOTPDevice.objects.filter(confirmed=True).values_list("user_id", flat=True))
    rows = [(user, role_of(user), user.pk in secured) for user in members]
    page = {
        "rows": rows,
        "roles": list(Role),
        "invitations": team.open_invitations(now=timezone.now()).select_related("invited_by"),
        "table": [(words, [name in PERMISSIONS[role] for role in Role]) for name, words in WORDS.items()],
    }
    return render(request, "accounts/team.html", page)


@needs("manage_team")
@never_cache
def invite(request: SignedIn) -> HttpResponse:
    form = Invite(request.POST or None)
    if request.method == "POST" and form.is_valid():
        email, role = form.cleaned_data["email"], Role(form.cleaned_data["role"])
        try:
            invited = team.invite(
                request.user, email=email, role=role, now=timezone.now(), days=settings.INVITATION_DAYS
            )
        except team.AlreadyInTeam as error:
            form.add_error("email", str(error.__doc__))
        else:
            link = settings.PUBLIC_URL + reverse("accounts:join", args=[invited.token])
            is_mailed = _mail(invited.invitation, link, by=request.user)
            page = {"invitation": invited.invitation, "role": role, "link": link, "is_mailed": is_mailed}
            return render(request, "accounts/invited.html", page)
    return render(request, "accounts/invite.html", {"form": form}, status=422 if form.errors else 200)


def _mail(invitation: Invitation, link: str, *, by: User) -> bool:
    body = render_to_string("accounts/mail_invitation.txt", {"invitation": invitation, "link": link, "by": by})
    try:
        return send_mail("You are invited to Tributary", body, None, [invitation.email]) > 0
    except OSError:  # no mail server answers; the link is shown to the admin in any case
        return False


@needs("manage_team")
@require_POST
def withdraw(request: SignedIn, pk: int) -> HttpResponse:
    invitation = get_object_or_404(Invitation, pk=pk)
    team.withdraw(request.user, invitation=invitation, now=timezone.now())
    messages.success(request, f"The invitation of {invitation.email} was withdrawn.")
    return redirect("accounts:team")


@needs("manage_team")
@require_POST
def change_role(request: SignedIn, pk: int) -> HttpResponse:
    person = get_object_or_404(User, pk=pk)
    form = RoleChange(request.POST)
    if not form.is_valid():
        messages.error(request, "There is no such role. Choose one of the list.")
        return redirect("accounts:team")
    role = Role(form.cleaned_data["role"])
    return _try(
        request,
        lambda: team.change_role(request.user, of=person, role=role, now=timezone.now()),
        done=f"{person} is now {role.label}.",
    )


@needs("manage_team")
@require_POST
def deactivate(request: SignedIn, pk: int) -> HttpResponse:
    person = get_object_or_404(User, pk=pk)
    return _try(
        request,
        lambda: team.deactivate(request.user, person=person, now=timezone.now()),
        done=f"{person} was deactivated and signed out.",
    )


@needs("manage_team")
@require_POST
def reactivate(request: SignedIn, pk: int) -> HttpResponse:
    person = get_object_or_404(User, pk=pk)
    team.reactivate(request.user, person=person, now=timezone.now())
    messages.success(request, f"{person} may sign in again.")
    return redirect("accounts:team")


@needs("manage_team")
@require_POST
def remove_second_factor(request: SignedIn, pk: int) -> HttpResponse:
    person = get_object_or_404(User, pk=pk)
    team.remove_second_factor(request.user, person=person, now=timezone.now())
    messages.success(request, f"The second factor of {person} was removed.")
    return redirect("accounts:team")


def _try(request: SignedIn, change: Callable[[], None], *, done: str) -> HttpResponse:
    try:
        change()
    except team.LastAdmin as error:
        messages.error(request, str(error.__doc__))
    else:
        messages.success(request, done)
    return redirect("accounts:team")


@public
@never_cache
@sensitive_post_parameters("password")
def join(request: HttpRequest, token: str) -> HttpResponse:
    now = timezone.now()
    try:
        invitation = team.invitation_of(token, now=now)
        form = Join(request.POST or None, email=invitation.email)
        if request.method == "POST" and form.is_valid():
            user = team.accept(token, now=now, **form.cleaned_data)
            return finish(request, user)
    except team.InvitationOver:
        return render(request, "accounts/invitation_over.html", status=410)
    page = {"form": form, "invitation": invitation, "role": Role(invitation.role)}
    return render(request, "accounts/join.html", page, status=422 if form.errors else 200)
