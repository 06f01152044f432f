"""The page of one person, and the panels that belong to profiles: traits, raw."""

from typing import Any
from uuid import UUID

from django.db import connection
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from cdp.accounts.access import SignedIn, needs
from cdp.accounts.models import Source
from cdp.profiles import rules
from cdp.profiles.find import NoSuchPerson, by_uuid, identifiers_of
from cdp.profiles.known import known_of
from cdp.profiles.models import Profile, Record
from cdp.profiles.naming import best_name, clearest
from cdp.profiles.opinions import opinions
from cdp.profiles.panels import Place, panels_for


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
    with connection.cursor() as cursor:
        ruling = rules.load(cursor)
    records = list(Record.objects.filter(profile_id=profile.pk))
    rows = opinions(records, sources=source_names(), rules=ruling)
    page = {
        "profile": profile,
        "rows": rows,
        "may_edit": request.user.may("edit_people"),
        "may_rule": request.user.may("edit_identity_rules"),
    }
    return render(request, "profiles/_traits.html", page)


@needs("view_people")
def raw(request: SignedIn, uuid: UUID) -> HttpResponse:
    profile = found(uuid)
    whole: dict[str, Any] = {"id": str(profile.uuid), "traits": profile.traits, **known_of(profile)}
    return render(request, "profiles/_raw.html", {"profile": profile, "whole": whole})


def source_names() -> dict[int, str]:
    return dict(Source.objects.values_list("id", "name"))
