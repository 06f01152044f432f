"""Why one person got a campaign, or did not."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from campaigns.models import Campaign
from campaigns.why.told import audience_of, deliveries_of, told_of, told_without
from cdp.accounts.access import SignedIn, needs
from cdp.common.clock import deployment_zone, utc_now
from cdp.profiles.find import NoSuchPerson, by_any, by_known, by_uuid, starting_with
from cdp.profiles.models import Profile
from cdp.profiles.naming import people

CHOICES = 10


@needs("view_people")
def search(request: SignedIn, pk: int) -> HttpResponse:
    """Finds the person by any identifier, or by how one begins."""
    campaign = get_object_or_404(Campaign, pk=pk)
    who = request.GET.get("who", "").strip()[:200]
    found = _matches(who)
    if len(found) == 1:
        return redirect("campaigns:why", pk=pk, uuid=found[0].uuid)
    named = people([one.pk for one in found])
    choices = [named[one.pk] for one in found if one.pk in named]
    return render(request, "campaigns/why/why.html", {"campaign": campaign, "who": who, "choices": choices})


@needs("view_people")
def why(request: SignedIn, pk: int, uuid: UUID) -> HttpResponse:
    campaign, now, zone = get_object_or_404(Campaign, pk=pk), utc_now(), deployment_zone()
    try:
        profile = by_uuid(uuid)
    except NoSuchPerson as error:
        raise Http404 from error
    explanation, problem = audience_of(campaign, profile, now=now, zone=zone)
    told = [told_of(campaign, one, now=now, zone=zone) for one in deliveries_of(campaign, profile)]
    context = {
        "campaign": campaign,
        "person": people([profile.pk])[profile.pk],
        "told": told or [told_without(campaign, profile, now=now, zone=zone)],
        "explanation": explanation,
        "problem": problem,
    }
    return render(request, "campaigns/why/why.html", context)


def _matches(who: str) -> list[Profile]:
    """A whole identifier means one person; the beginning of one offers some."""
    if not who or "\x00" in who:
        return []
    for look in (by_any, by_known):
        try:
            return [look(who)]
        except NoSuchPerson:
            continue
    ids = list(starting_with(who))[:CHOICES]
    return list(Profile.objects.filter(pk__in=ids, merged_into=None).order_by("pk"))
