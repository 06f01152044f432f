"""Settings → Double opt-in: the mail that asks, and how many answered."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render

from campaigns.confirming import THE_ONE, BadWords, compiled, mail
from campaigns.models import Account, ConfirmationMail
from cdp.accounts import audit
from cdp.accounts.access import SignedIn, needs
from cdp.common.clock import utc_now
from cdp.privacy.models import OptIn, Topic


@dataclass(frozen=True)
class Asked:
    """Of one topic, how many addresses …"""

    name: str
    waiting: int
    confirmed: int
    declined: int
    failed: int


class Words(forms.ModelForm):  # type: ignore[type-arg]
    account = forms.ModelChoiceField(
        label="Sent through",
        queryset=Account.objects.filter(archived_at=None).order_by("name"),
        required=False,
        empty_label="The local mailbox",
    )

    class Meta:
        model = ConfirmationMail
        fields = ("sender", "account", "subject", "heading", "text", "button")
        widgets = {"text": forms.Textarea(attrs={"rows": 5})}
        help_texts = {"text": "{{ topics }} stands for what was asked for."}

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors:
            words = {name: given[name] for name in ("sender", "account", "subject", "heading", "text", "button")}
            try:
                compiled(ConfirmationMail(**words))
            except BadWords as error:
                raise forms.ValidationError(f"The mail cannot be made: {error}") from error
        return given


@needs("manage_sending")
def edit(request: SignedIn) -> HttpResponse:
    form = Words(request.POST or None, instance=mail())
    if request.method == "POST" and form.is_valid():
        one = form.save(commit=False)
        one.pk = THE_ONE
        one.save()
        details = {name: str(form.cleaned_data[name]) for name in form.changed_data}
        audit.record(request.user, verb="changed confirmation mail", target=one.subject, details=details, now=utc_now())
        messages.success(request, "Saved. The next mail says it so.")
        return redirect("campaigns:confirmation")
    page = {"form": form, "asked": _asked(), "public_url": settings.PUBLIC_URL}
    return render(request, "campaigns/confirmation.html", page, status=422 if form.errors else 200)


def _asked() -> list[Asked]:
    names = dict(Topic.objects.values_list("key", "name"))
    rows = OptIn.objects.values("topic").annotate(
        n_confirmed=Count("pk", filter=Q(confirmed_at__isnull=False)),
        n_declined=Count("pk", filter=Q(confirmed_at=None, declined_at__isnull=False)),
        n_failed=Count("pk", filter=Q(confirmed_at=None) & ~Q(error="")),
        n=Count("pk"),
    )
    return [
        Asked(
            names.get(row["topic"], row["topic"]),
            row["n"] - row["n_confirmed"] - row["n_declined"],
            row["n_confirmed"],
            row["n_declined"],
            row["n_failed"],
        )
        for row in rows.order_by("topic")
    ]
