"""The page of one person, and the panels that belong to profiles: traits, changes, raw."""

from typing import Any
from uuid import UUID

from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from cdp.accounts.access import SignedIn, needs
from cdp.accounts.models import Source, User
from cdp.common.keyset import BadCursor, page_of
from cdp.profiles.find import NoSuchPerson, by_uuid, identifiers_of
from cdp.profiles.known import known_of
from cdp.profiles.models import Profile, ProfileChange, Record
from cdp.profiles.naming import best_name, clearest
from cdp.profiles.opinions import opinions
from cdp.profiles.panels import Place, panels_for

CHANGES = 50


def found(uuid: UUID) -> Profile:
    """The living profile; the 404 page where there is none."""
    try:
        return by_uuid(uuid)
    except NoSuchPerson as error:
        raise Http404 from error


@needs("view_people")
def person(request: SignedIn, uuid: UUID) -> HttpResponse:
    profile = found(uuid)
    if profile.uuid != uuid:
        return redirect("profiles:detail", uuid=profile.uuid)
    identifiers = identifiers_of([profile.pk]).get(profile.pk, [])
    tabs = panels_for(request.user, Place.TAB)
    chosen = next((tab for tab in tabs if tab.key == request.GET.get("tab")), tabs[0])
    page = {
        "profile": profile,
        "name": best_name(profile, identifiers),
        "identifiers": clearest(identifiers),
        "side": panels_for(request.user, Place.SIDE),
        "tabs": tabs,
        "chosen": chosen,
    }
    return render(request, "profiles/person.html", page)


@needs("view_people")
def traits(request: SignedIn, uuid: UUID) -> HttpResponse:
    profile = found(uuid)
    rows = opinions(list(Record.objects.filter(profile_id=profile.pk)), sources=source_names())
    page = {"profile": profile, "rows": rows, "may_edit": request.user.may("edit_people")}
    return render(request, "profiles/_traits.html", page)


@needs("view_people")
def changes(request: SignedIn, uuid: UUID) -> HttpResponse:
    profile = found(uuid)
    rows = ProfileChange.objects.filter(profile_id=profile.pk)
    try:
        page = page_of(rows, order=("-at", "-id"), query=request.GET, size=CHANGES)
    except BadCursor as error:
        raise BadRequest(str(error.__doc__)) from error
    causes = Causes(source_names())
    lines = [(change, causes.said(change.cause)) for change in page.rows]
    return render(request, "profiles/_changes.html", {"profile": profile, "page": page, "lines": lines})


class Causes:
    """Why something changed, in words."""

    def __init__(self, sources: dict[int, str]) -> None:
        self.sources = sources
        self.users: dict[int, str] = {}

    def said(self, cause: str) -> str:
        kind, _, rest = cause.partition(":")
        if kind == "message":
            source, _, message_id = rest.partition(":")
            if message_id.startswith("edit-"):
                return f"corrected by {self.user(message_id.split('-')[1])}"
            return f"said by {self.sources.get(int(source), 'a source that was removed')}"
        if kind == "merge":
            return "two profiles turned out to be one person"
        if kind == "unmerge":
            return "a merge was undone"
        return f"changed by {self.user(rest)}" if kind == "user" else kind

    def user(self, pk: str) -> str:
        number = int(pk) if pk.isdigit() else 0
        if number not in self.users:
            user = User.objects.filter(pk=number).first()
            self.users[number] = str(user) if user else "somebody who left the team"
        return self.users[number]


@needs("view_people")
def raw(request: SignedIn, uuid: UUID) -> HttpResponse:
    profile = found(uuid)
    whole: dict[str, Any] = {"id": str(profile.uuid), "traits": profile.traits, **known_of(profile)}
    return render(request, "profiles/_raw.html", {"profile": profile, "whole": whole})


def source_names() -> dict[int, str]:
    return dict(Source.objects.values_list("id", "name"))
