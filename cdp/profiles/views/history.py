"""The panel of changes: each trait's history, the person as of any day."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import render

from cdp.accounts.access import SignedIn, needs
from cdp.common.keyset import BadCursor, page_of
from cdp.profiles.causes import Causes
from cdp.profiles.history import as_of
from cdp.profiles.models import Profile, ProfileChange
from cdp.profiles.views.person import found, source_names

CHANGES = 50


class ChangesFilter(forms.Form):
    trait = forms.CharField(label="Trait", required=False, max_length=200)


class Day(forms.Form):
    on = forms.DateField(label="As of", widget=forms.DateInput(attrs={"type": "date"}))


@needs("view_people")
def changes(request: SignedIn, uuid: UUID) -> HttpResponse:
    profile = found(uuid)
    form = ChangesFilter(request.GET)
    trait = form.cleaned_data["trait"] if form.is_valid() else ""
    rows = ProfileChange.objects.filter(profile_id=profile.pk)
    try:
        page = page_of(
            rows.filter(what=trait) if trait else rows, order=("-at", "-id"), query=request.GET, size=CHANGES
        )
    except BadCursor as error:
        raise BadRequest(str(error.__doc__)) from error
    causes = Causes(source_names())
    shown: dict[str, Any] = {
        "profile": profile,
        "page": page,
        "lines": [_line(profile, change, causes) for change in page.rows],
        "trait": trait,
        "traits": rows.order_by("what").values_list("what", flat=True).distinct()[:500],
        "day": Day(initial={"on": profile.last_seen_at.date()}),
        "may_edit": request.user.may("edit_people"),
        "may_roll_back": request.user.may("edit_identity_rules"),
    }
    return render(request, "profiles/_changes.html", shown)


def _line(profile: Profile, change: ProfileChange, causes: Causes) -> dict[str, Any]:
    """`can_go_back`: what it was before this change is not what it is now."""
    is_trait = not change.what.startswith("@")
    return {
        "change": change,
        "why": causes.said(change.cause),
        "can_go_back": is_trait and profile.traits.get(change.what) != change.old,
        "lot": change.cause if change.cause.startswith("import:") else "",
    }


@needs("view_people")
def person_as_of(request: SignedIn, uuid: UUID) -> HttpResponse:
    """The end of that day, in UTC."""
    profile = found(uuid)
    form = Day(request.GET)
    if not form.is_valid() or form.cleaned_data["on"] == date.max:
        return render(request, "profiles/_as_of.html", {"profile": profile, "error": "Choose a day."}, status=422)
    then = as_of(profile, datetime.combine(form.cleaned_data["on"] + timedelta(days=1), time.min, UTC))
    causes = Causes(source_names())
    page = {
        "profile": profile,
        "then": then,
        "on": form.cleaned_data["on"],
        "lines": [
            (trait, causes.said(trait.cause), profile.traits.get(trait.name) != trait.value) for trait in then.traits
        ],
        "gained": sorted(profile.traits.keys() - {trait.name for trait in then.traits}),
        "later": Profile.objects.filter(merged_into=profile.pk).count(),
    }
    return render(request, "profiles/_as_of.html", page)
