"""The timeline of one person, a panel of the profile page."""

from dataclasses import dataclass, field
from uuid import UUID

from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse
from django.shortcuts import render

from cdp.accounts.access import SignedIn, needs
from cdp.accounts.models import Source
from cdp.common.keyset import BadCursor
from cdp.events.models import EventState
from cdp.events.newest import Events, Wanted, newest
from cdp.events.sessions import sessions
from cdp.profiles.find import NoSuchPerson, by_uuid

SIZE = 50
KINDS = {
    "@visits": ("Pages and screens", ("Page ", "Screen ")),
    "@orders": ("Orders", ("Order ",)),
    "@products": ("Products and carts", ("Product", "Cart")),
    "@messages": ("Messages", ("Email ", "Push ", "SMS ")),
}


@dataclass(frozen=True)
class Choices:
    """What the timeline can be narrowed to: kinds, and names with how often."""

    kinds: list[tuple[str, str, int]] = field(default_factory=list)
    names: list[tuple[str, int]] = field(default_factory=list)


@needs("view_people")
def timeline(request: SignedIn, uuid: UUID) -> HttpResponse:
    try:
        profile = by_uuid(uuid)
    except NoSuchPerson as error:
        raise Http404 from error
    counts = dict(EventState.objects.filter(profile_id=profile.pk).order_by("-n").values_list("name", "n"))
    chosen, after = request.GET.get("name", ""), request.GET.get("after", "")
    names = names_of(chosen, list(counts))
    try:
        events = newest(Wanted(profile.pk, names), after=after, size=SIZE) if names or not chosen else Events()
    except BadCursor as error:
        raise BadRequest(str(error.__doc__)) from error
    page = {
        "profile": profile,
        "visits": sessions(events.rows, sources=dict(Source.objects.values_list("id", "name"))),
        "next": events.next,
        "after": after,
        "chosen": chosen,
        "total": sum(counts.values()),
        "choices": choices(counts),
    }
    return render(request, "events/_older.html" if after else "events/_timeline.html", page)


def names_of(chosen: str, known: list[str]) -> list[str]:
    """The event names a choice stands for."""
    if chosen in KINDS:
        return [name for name in known if name.startswith(KINDS[chosen][1])]
    return [name for name in known if name == chosen]


def choices(counts: dict[str, int]) -> Choices:
    kinds = [
        (key, label, sum(n for name, n in counts.items() if name.startswith(starts)))
        for key, (label, starts) in KINDS.items()
    ]
    return Choices([kind for kind in kinds if kind[2]], list(counts.items()))
