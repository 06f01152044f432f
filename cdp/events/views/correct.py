"""A trait corrected by hand."""

import secrets
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from cdp.accounts.access import SignedIn, needs
from cdp.common.templatetags.look import said
from cdp.events.correct import IDENTIFYING, LONGEST_NAME, WrongKind, correct, read_value
from cdp.profiles.find import NoSuchPerson, by_uuid, identifiers_of
from cdp.profiles.models import Profile
from cdp.profiles.naming import best_name


class Correction(forms.Form):
    trait = forms.CharField(label="Trait", max_length=LONGEST_NAME, help_text="Its name, such as city or birthday.")
    value = forms.CharField(label="Value", required=False, max_length=10_000, strip=False)
    is_removed = forms.BooleanField(label="Remove this trait", required=False)

    def __init__(self, *args: Any, known: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = known

    def clean(self) -> dict[str, Any]:
        wanted = super().clean() or {}
        name, text = wanted.get("trait", ""), wanted.get("value", "")
        if wanted.get("is_removed"):
            return wanted | {"read": None}
        if not text.strip() and "trait" in wanted:
            self.add_error("value", "Write the value, or choose to remove the trait.")
            return wanted
        try:
            return wanted | {"read": read_value(text, like=self.known.get(name))}
        except WrongKind as error:
            self.add_error("value", str(error))
            return wanted


@needs("edit_people")
def correct_trait(request: SignedIn, uuid: UUID) -> HttpResponse:
    try:
        profile = by_uuid(uuid)
    except NoSuchPerson as error:
        raise Http404 from error
    form = Correction(request.POST or None, known=profile.traits, initial=_initial(request, profile))
    if request.method == "POST" and form.is_valid():
        correct(
            request.user,
            profile=profile,
            name=form.cleaned_data["trait"],
            value=form.cleaned_data["read"],
            message_id=f"edit-{request.user.pk}-{secrets.token_hex(12)}",
            now=timezone.now(),
        )
        messages.success(request, "Noted. It shows in the traits within seconds, with your name in the changes.")
        return redirect(f"{reverse('profiles:detail', args=[profile.uuid])}?tab=traits")
    identifiers = identifiers_of([profile.pk]).get(profile.pk, [])
    page = {
        "profile": profile,
        "form": form,
        "name": best_name(profile, identifiers),
        "identifying": IDENTIFYING,
    }
    return render(request, "events/correct.html", page, status=422 if form.errors else 200)


def _initial(request: SignedIn, profile: Profile) -> dict[str, Any]:
    name = request.GET.get("trait", "")
    value = profile.traits.get(name)
    return {"trait": name, "value": "" if value is None else said(value)}
