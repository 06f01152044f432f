"""The computed traits of one person, on the profile page."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render

from cdp.accounts.access import SignedIn, needs
from cdp.analytics.shown import of_person as values_of
from cdp.common.clock import utc_now
from cdp.profiles.find import NoSuchPerson, by_uuid


@needs("view_segments")
def of_person(request: SignedIn, uuid: UUID) -> HttpResponse:
    try:
        profile = by_uuid(uuid)
    except NoSuchPerson as error:
        raise Http404 from error
    return render(request, "analytics/_of_person.html", {"values": values_of(profile.pk, now=utc_now())})
