"""A trait rolled back to what it was before a change."""

import secrets
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from cdp.accounts.access import SignedIn, needs
from cdp.accounts.models import Source
from cdp.events.correct import IDENTIFYING, roll_back_trait
from cdp.profiles.causes import Causes
from cdp.profiles.find import NoSuchPerson, by_uuid, identifiers_of
from cdp.profiles.models import ProfileChange
from cdp.profiles.naming import best_name


@needs("edit_people")
def roll_back(request: SignedIn, uuid: UUID, pk: int) -> HttpResponse:
    """GET: what it would do. POST: does it."""
    try:
        profile = by_uuid(uuid)
    except NoSuchPerson as error:
        raise Http404 from error
    change = get_object_or_404(ProfileChange, pk=pk, profile_id=profile.pk)
    if change.what.startswith("@"):
        raise Http404
    if request.method == "POST":
        salt = secrets.token_hex(12)
        roll_back_trait(
            request.user, profile=profile, name=change.what, value=change.old, salt=salt, now=timezone.now()
        )
        messages.success(request, "Noted. It shows in the traits within seconds, with your name in the changes.")
        return redirect(f"{reverse('profiles:detail', args=[profile.uuid])}?tab=changes")
    page = {
        "profile": profile,
        "change": change,
        "now": profile.traits.get(change.what),
        "why": Causes(dict(Source.objects.values_list("id", "name"))).said(change.cause),
        "identifying": change.what in IDENTIFYING,
        "name": best_name(profile, identifiers_of([profile.pk]).get(profile.pk, [])),
    }
    return render(request, "events/back.html", page)
