"""A forgotten password: a link by e-mail, valid for an hour and once."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import views as auth_views
from django.contrib.auth.forms import PasswordResetForm, SetPasswordForm
from django.http import HttpResponse
from django.urls import reverse_lazy
from django.utils import timezone

from cdp.accounts import sessions
from cdp.accounts.access import public
from cdp.accounts.audit import record
from cdp.accounts.models import AuditEntry, User

ASKED = "asked for a new password"
MAILS_AN_HOUR = 5


class Ask(PasswordResetForm):
    """Says the same whether the address is known or not, and mails a person at most five times an hour."""

    def get_users(self, email: str) -> Any:
        now = timezone.now()
        for user in super().get_users(email):
            recent = AuditEntry.objects.filter(actor=user, verb=ASKED, at__gt=now - timedelta(hours=1))
            if recent.count() < MAILS_AN_HOUR:
                record(user, verb=ASKED, target=user.email, now=now)
                yield user


class Confirm(auth_views.PasswordResetConfirmView):
    template_name = "accounts/reset_confirm.html"
    success_url = reverse_lazy("accounts:reset_done")

    def form_valid(self, form: "SetPasswordForm[Any]") -> HttpResponse:
        answer = super().form_valid(form)
        if isinstance(form.user, User):
            sessions.end(form.user)
            record(form.user, verb="set a new password", target=form.user.email, now=timezone.now())
        return answer


ask = public(
    auth_views.PasswordResetView.as_view(
        form_class=Ask,
        template_name="accounts/reset.html",
        email_template_name="accounts/mail_reset.txt",
        subject_template_name="accounts/mail_reset_subject.txt",
        # Never the Host header of the request: it is the sender's word.
        extra_email_context={"public_url": settings.PUBLIC_URL},
        success_url=reverse_lazy("accounts:reset_sent"),
    )
)
sent = public(auth_views.PasswordResetDoneView.as_view(template_name="accounts/reset_sent.html"))
confirm = public(Confirm.as_view())
done = public(auth_views.PasswordResetCompleteView.as_view(template_name="accounts/reset_done.html"))
