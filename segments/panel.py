"""The segments of one person, on the profile page."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render

from cdp.accounts.access import SignedIn, needs
from cdp.profiles.find import NoSuchPerson, by_uuid
from segments.models import Membership, Segment


@needs("view_segments")
def of_person(request: SignedIn, uuid: UUID) -> HttpResponse:
    try:
        profile = by_uuid(uuid)
    except NoSuchPerson as error:
        raise Http404 from error
    rows = list(Membership.objects.filter(profile_id=profile.pk).order_by("-entered_at"))
    segments = Segment.objects.filter(archived_at=None).in_bulk([row.segment_id for row in rows])
    known = [(segments[row.segment_id], row.entered_at) for row in rows if row.segment_id in segments]
    return render(request, "segments/_of_person.html", {"known": known, "profile": profile})
