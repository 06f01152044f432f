"""On the page of a person: why they are one, and splitting, un-merging and merging by hand, each after a preview."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import mark_safe

from cdp.accounts.access import SignedIn, needs
from cdp.common.clock import utc_now
from cdp.profiles.find import NoSuchPerson, by_uuid, starting_with
from cdp.profiles.models import Profile
from cdp.profiles.naming import people
from identity import by_hand, review
from identity.by_hand import NotPossible, Outcome
from identity.effects import trial
from identity.forms import Chosen
from identity.history import lines
from identity.models import Decision, Merge
from identity.picture import draw
from identity.side_by_side import Side, compare, sides
from identity.titles import title_of
from identity.told import told
from identity.views.review import note_audit
from identity.who import doer
from identity.why import links_of, why

LEDGER = 50
FOUND = 20
TAB = "why-one-person"


@needs("view_people")
def why_panel(request: SignedIn, uuid: UUID) -> HttpResponse:
    profile = _living(uuid)
    side = sides([profile.pk])[0]
    records = [record for record, _ in side.records]
    about = Q(winner_id=profile.pk) | Q(loser_id=profile.pk)
    rows = list(Merge.objects.filter(about).order_by("-at", "-id")[:LEDGER])
    context = {
        "profile": profile,
        "side": side,
        "why": why(records, side.identifiers),
        "picture": draw([side], links=links_of([record.pk for record in records])),
        "ledger": lines(rows),
        "may": request.user.may("review_duplicates"),
    }
    return render(request, "identity/_why.html", context)


@needs("review_duplicates")
def split(request: SignedIn, uuid: UUID) -> HttpResponse:
    """GET previews what becomes of the chosen records; POST splits them off."""
    profile = _living(uuid)
    side = sides([profile.pk])[0]
    given = request.POST if request.method == "POST" else request.GET
    form = Chosen(given, records=[record.pk for record, _ in side.records])
    if not form.is_valid():
        return _wrong(request, profile, " ".join(str(error) for error in form.errors["record"]))
    chosen = form.cleaned_data["record"]
    if request.method == "POST":
        return _act(request, profile, lambda by, now: review.split(chosen, by=by, now=now))
    context = {
        "chosen": [one for one in side.records if one[0].pk in chosen],
        "staying": [one for one in side.records if one[0].pk not in chosen],
        "fields": [("record", pk) for pk in chosen],
    }
    context |= _tried(request, [profile.pk], lambda by, now: by_hand.split(chosen, by=by, now=now))
    return _preview(request, side, "split", context)


@needs("review_duplicates")
def unmerge(request: SignedIn, pk: int) -> HttpResponse:
    """GET previews what returns; POST un-merges."""
    row = get_object_or_404(Merge, pk=pk, verb=Merge.Verb.MERGED)
    home = get_object_or_404(Profile, pk=review.living(row.winner_id))
    if row.undone_at is not None:
        messages.info(request, "That merge was undone before.")
        return redirect("identity:person", home.uuid)
    if request.method == "POST":
        return _act(request, home, lambda by, now: review.unmerge(pk, by=by, now=now))
    context = {"line": lines([row])[0], "action_url": reverse("identity:unmerge", args=[pk])}
    context |= _tried(request, [home.pk], lambda by, now: by_hand.unmerge(pk, by=by, now=now))
    return _preview(request, sides([home.pk])[0], "unmerge", context)


@needs("review_duplicates")
def merge(request: SignedIn, uuid: UUID) -> HttpResponse:
    """Finds the other person by any identifier, previews, merges."""
    profile = _living(uuid)
    other = _other(request, profile)
    if other is None:
        return render(request, "identity/merge_search.html", _search(request, profile))
    if request.method == "POST":
        return _act(request, profile, lambda by, now: review.merge([profile.pk, other.pk], by=by, now=now))
    pair = sides([profile.pk, other.pk])
    ids = [profile.pk, other.pk]
    context: dict[str, Any] = {"pair": pair, "a": pair[0], "b": pair[1], "lines": compare(*pair)}
    context["fields"] = [("with", other.uuid)]
    context |= _tried(request, ids, lambda by, now: by_hand.merge_profiles(ids, by=by, now=now))
    return _preview(request, pair[0], "merge", context)


@needs("view_people")
def person(request: SignedIn, uuid: UUID) -> HttpResponse:
    """To the tab that says why this is one person."""
    return redirect(f"{reverse('profiles:detail', args=[_living(uuid).uuid])}?tab={TAB}")


def _act(request: SignedIn, profile: Profile, act: Callable[[str, datetime], Decision]) -> HttpResponse:
    now = utc_now()
    try:
        decision = act(doer(request.user), now)
    except NotPossible as error:
        return _wrong(request, profile, str(error))
    except review.NotWaiting:
        return _wrong(request, profile, "They are one person already.")
    note_audit(request, decision, now=now)
    home = _still(profile)
    others = people(set(decision.profile_ids) - {home.pk}).values()
    context = {"decision": decision, "title": title_of(decision), "home": home, "others": others}
    # Escaped by the template: it holds the button that undoes this.
    said = mark_safe(render_to_string("identity/_did.html", context, request=request))  # noqa: S308
    messages.success(request, said)
    return redirect("identity:person", home.uuid)


def _still(profile: Profile) -> Profile:
    return Profile.objects.get(pk=review.living(profile.pk))


def _wrong(request: SignedIn, profile: Profile, text: str) -> HttpResponse:
    messages.error(request, f"Nothing was changed. {text}")
    return redirect("identity:person", _still(profile).uuid)


def _preview(request: SignedIn, side: Side, verb: str, context: dict[str, Any]) -> HttpResponse:
    return render(request, f"identity/{verb}.html", {"side": side, "profile": side.profile, **context})


def _tried(request: SignedIn, profile_ids: list[int], change: Callable[[str, datetime], Outcome]) -> dict[str, Any]:
    """What it would do, or why it cannot be done."""
    by, now = doer(request.user), utc_now()
    try:
        return {"told": told(trial(lambda: change(by, now), profile_ids=profile_ids, now=now))}
    except NotPossible as error:
        return {"refused": str(error)}


def _other(request: SignedIn, profile: Profile) -> Profile | None:
    given = request.POST if request.method == "POST" else request.GET
    text = given.get("with", "")
    if not text:
        if request.method == "POST":
            raise BadRequest("Say with whom.")
        return None
    try:
        other = by_uuid(UUID(text))
    except (ValueError, NoSuchPerson) as error:
        raise Http404 from error
    return None if other.pk == profile.pk else other


def _search(request: SignedIn, profile: Profile) -> dict[str, Any]:
    text = request.GET.get("q", "").strip().replace("\0", "")
    found = {one: why for one, why in starting_with(text).items() if one != profile.pk} if text else {}
    known = people(list(found)[:FOUND])
    return {
        "profile": profile,
        "side": sides([profile.pk])[0],
        "q": text,
        "is_same": bool(request.GET.get("with")),
        "found": [(known[one], found[one]) for one in known],
    }


def _living(uuid: UUID) -> Profile:
    try:
        return by_uuid(uuid)
    except NoSuchPerson as error:
        raise Http404 from error
