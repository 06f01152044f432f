"""What one person was sent, on the profile page."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render

from campaigns.models import Campaign, Delivery
from campaigns.offers.person import lines_of
from cdp.accounts.access import SignedIn, needs
from cdp.profiles.find import NoSuchPerson, by_uuid
from cdp.profiles.models import Profile

SHOWN = 50


@needs("view_campaigns")
def of_person(request: SignedIn, uuid: UUID) -> HttpResponse:
    try:
        profile = by_uuid(uuid)
    except NoSuchPerson as error:
        raise Http404 from error
    # A campaign that two people got before they turned out to be one: the other's row names who was merged away.
    everyone = [profile.pk, *Profile.objects.filter(merged_into=profile.pk).values_list("pk", flat=True)]
    rows = list(Delivery.objects.filter(profile_id__in=everyone).order_by("-planned_at")[:SHOWN])
    campaigns = Campaign.objects.in_bulk([row.campaign_id for row in rows])
    known = [(campaigns[row.campaign_id], row, _reason(row)) for row in rows if row.campaign_id in campaigns]
    context = {"known": known, "uuid": profile.uuid, "accepted": Delivery.State.ACCEPTED}
    return render(request, "campaigns/_of_person.html", context)


@needs("view_campaigns")
def offers_of_person(request: SignedIn, uuid: UUID) -> HttpResponse:
    try:
        profile = by_uuid(uuid)
    except NoSuchPerson as error:
        raise Http404 from error
    context = {"lines": lines_of(profile.pk, shows_codes=request.user.may("edit_campaigns"), most=SHOWN)}
    return render(request, "campaigns/offers/_of_person.html", context)


def _reason(delivery: Delivery) -> str:
    return str(Delivery.Reason(delivery.reason).label) if delivery.reason else ""
