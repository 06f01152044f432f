"""Events as they arrive."""

from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from cdp.accounts.access import SignedIn, needs
from cdp.accounts.models import Source
from cdp.events import arrivals
from cdp.events.newest import Happened
from cdp.events.sessions import detail_of
from cdp.profiles.find import NoSuchPerson, by_any, identifiers_of, starting_with
from cdp.profiles.models import Profile
from cdp.profiles.naming import best_name


class LiveFilter(forms.Form):
    name = forms.CharField(
        label="Event",
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"placeholder": "Part of its name", "autocomplete": "off"}),
    )
    source = forms.ModelChoiceField(Source.objects.order_by("name"), label="Source", required=False, empty_label="All")
    person = forms.CharField(
        label="Person",
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"placeholder": "How an e-mail or id begins", "autocomplete": "off"}),
    )

    def clean_person(self) -> int | None:
        text = self.cleaned_data["person"].strip()
        if not text:
            return None
        try:
            return by_any(text).pk
        except NoSuchPerson:
            found = Profile.objects.filter(pk__in=starting_with(text), merged_into=None).order_by("-last_seen_on")
        if not found:
            raise forms.ValidationError("Nobody is known by that.")
        return found[0].pk

    def watch(self) -> arrivals.Watch:
        wanted = self.cleaned_data
        source = wanted.get("source")
        return arrivals.Watch(wanted.get("name") or "", source.pk if source else None, wanted.get("person"))


@needs("view_data")
@never_cache
def live(request: SignedIn) -> HttpResponse:
    form = LiveFilter(request.GET)
    now = timezone.now()
    page: dict[str, Any] = {"form": form, "cursor": now.isoformat(), "waiting": arrivals.waiting(), "lines": []}
    if form.is_valid():
        rows, page["is_fresh"] = arrivals.lately(form.watch(), now=now)
        page["lines"] = lines(rows)
    return render(request, "events/live.html", page)


@needs("view_data")
@never_cache
def rows(request: SignedIn) -> HttpResponse:
    """What arrived since the cursor, as lines of the list; headers say where to go on and what still waits."""
    form = LiveFilter(request.GET)
    now = timezone.now()
    moment = read_moment(request.GET.get("since", ""), now)
    found = arrivals.since(moment, form.watch()) if form.is_valid() else []
    answer = render(request, "events/_arrived.html", {"lines": lines(found)})
    answer["X-Live-Cursor"] = now.isoformat()
    answer["X-Live-Waiting"] = str(arrivals.waiting())
    return answer


def read_moment(text: str, now: datetime) -> datetime:
    """A browser that slept for an hour starts anew rather than catching up on all of it."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return now
    if moment.tzinfo is None:
        return now
    return max(moment, now - arrivals.WINDOWS[-1])


def lines(found: list[Happened]) -> list[dict[str, Any]]:
    """Each event with its person's name and its source's."""
    ids = sorted({event.profile_id for event in found})
    profiles = Profile.objects.in_bulk(ids)
    identifiers = identifiers_of(ids)
    sources = dict(Source.objects.values_list("id", "name"))
    return [
        {
            "event": event,
            "detail": detail_of(event),
            "source": sources.get(event.source_id, ""),
            "profile": profile,
            "person": best_name(profile, identifiers.get(profile.pk, [])) if profile else "",
            "whole": {"properties": event.properties, "context": event.context, "messageId": event.message_id},
        }
        for event in found
        for profile in [profiles.get(event.profile_id)]
    ]
