"""The home page: what came in, from where, and how many people we know."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from cdp.accounts.access import SignedIn, member
from cdp.accounts.models import Source
from cdp.events.models import Event, InboxBatch, RejectedMessage
from cdp.profiles.models import Profile


@member
def home(request: SignedIn) -> HttpResponse:
    now = timezone.now()
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    people = Profile.objects.filter(merged_into__isnull=True)
    numbers = {
        "people": people.count(),
        "people_new": people.filter(first_seen_at__gte=midnight).count(),
        "events_today": Event.objects.filter(occurred_at__gte=midnight, occurred_at__lte=now).count(),
        "sources": Source.objects.filter(is_active=True).exclude(kind=Source.Kind.INTERNAL).count(),
        "quarantined": RejectedMessage.objects.filter(state=RejectedMessage.State.WAITING).count(),
        "waiting": InboxBatch.objects.count(),
    }
    return render(request, "home.html", {"now": now, **numbers})
