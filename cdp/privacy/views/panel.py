"""Consent of one person, a panel of the profile page."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render

from cdp.accounts.access import SignedIn, needs
from cdp.privacy.models import Suppression
from cdp.privacy.says import Said, said_by, suppressed
from cdp.profiles.find import NoSuchPerson, by_uuid


@needs("view_people")
def consent(request: SignedIn, uuid: UUID) -> HttpResponse:
    try:
        profile = by_uuid(uuid)
    except NoSuchPerson as error:
        raise Http404 from error
    words: dict[str, list[Said]] = {}
    for one in said_by(profile):
        words.setdefault(one.about, []).append(one)
    page = {
        "purposes": [(about, all(word.is_granted for word in said), said) for about, said in words.items()],
        "suppressed": [(one, Suppression.Reason(one.reason).label) for one in suppressed(profile)],
    }
    return render(request, "privacy/_consent.html", page)
