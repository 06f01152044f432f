"""What the builder shows beside a rule while it is made. Each answer is there within a second, or says why not."""

from collections.abc import Sequence
from dataclasses import asdict

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from cdp.accounts.access import SignedIn, needs
from cdp.common.clock import deployment_zone, utc_now
from cdp.profiles.find import NoSuchPerson, by_any, by_known
from cdp.profiles.models import Profile
from cdp.profiles.naming import people
from cdp.rules.evidence import evidences
from cdp.rules.explain import explain
from cdp.rules.fields import RuleError
from cdp.rules.parse import parse
from cdp.rules.to_english import to_english
from segments.bounded import TooSlow, at_most
from segments.estimate import LONG_COUNT_S, size_of
from segments.forms import read_rule
from segments.histogram import NoNumber, histogram, number_of
from segments.reach import Reach, reach
from segments.reading import CUTS_S, Reading, read
from segments.seen_values import Example, examples, placed_leaves
from segments.suggestions import KINDS, Asked

SHOWN = 5
BESIDE_S = 0.15
"""For each statement of what stands beside the count: rather without it than late."""
EVENTS = 5
ALONE_S = 3.0


@needs("view_segments")
@require_POST
def preview(request: SignedIn) -> HttpResponse:
    """How many the rule holds for now, in words, whom of them we may write to, and some of them."""
    patient = "patient" in request.POST
    try:
        node = parse(rule := read_rule(request.POST.get("rule", "")))
        found: dict[str, object] = {"english": to_english(node)}
        reading = read(rule, now=utc_now(), zone=deployment_zone(), wait_s=LONG_COUNT_S if patient else CUTS_S)
        size = size_of(reading, patient=patient)
    except RuleError as error:
        return render(request, "segments/_preview.html", {"error": error})
    except TooSlow:
        return render(request, "segments/_preview.html", found | {"is_slow": True})
    found |= {"size": size, "channels": _reach(size.some), "examples": _examples(reading, size.some[:SHOWN])}
    return render(request, "segments/_preview.html", found)


@needs("view_segments")
@require_POST
def person(request: SignedIn) -> HttpResponse:
    """Is this person in, and why: `who` is any identifier."""
    who = request.POST.get("who", "").strip()
    if not who:
        return render(request, "segments/_why_person.html", {"nobody": ""})
    try:
        reading = _read(request)
        profile = _find(who)
        with at_most(ALONE_S):
            explained = explain(reading.node, profile.pk, now=reading.now, zone=reading.zone, cuts=reading.cuts)
    except RuleError as error:
        return render(request, "segments/_why_person.html", {"error": error})
    except NoSuchPerson:
        return render(request, "segments/_why_person.html", {"nobody": who})
    except TooSlow:
        return render(request, "segments/_why_person.html", {"is_slow": True})
    places = [place for place, _ in placed_leaves(reading.node)]
    context = {
        "explanation": explained,
        "findings": list(zip(places, explained.findings, strict=True)),
        "person": people([profile.pk])[profile.pk],
        "profile": profile,
    }
    return render(request, "segments/_why_person.html", context)


@needs("view_segments")
@require_POST
def behind(request: SignedIn) -> HttpResponse:
    """The raw events that a condition counted for a person."""
    try:
        reading = _read(request)
        profile = Profile.objects.get(pk=int(request.POST.get("profile", "")))
        leaf = dict(placed_leaves(reading.node))[request.POST.get("place", "")]
        with at_most(ALONE_S):
            found = evidences([leaf], reading.scope([profile.pk]), limit=EVENTS)[profile.pk][0]
    except (RuleError, ValueError, KeyError, Profile.DoesNotExist, TooSlow):
        return render(request, "segments/_behind.html", {"is_gone": True})
    return render(request, "segments/_behind.html", {"found": found, "condition": leaf.english()})


@needs("view_segments")
@require_POST
def spread(request: SignedIn) -> JsonResponse:
    """How the number of one condition is spread over people."""
    try:
        number = number_of(read_rule(request.POST.get("leaf", "")))
        found = histogram(number, now=utc_now(), zone=deployment_zone())
    except NoNumber:
        return JsonResponse({"state": "none"})
    except RuleError as error:
        return JsonResponse({"state": "incomplete", "message": error.message})
    except TooSlow:
        return JsonResponse({"state": "slow"})
    if found is None:
        return JsonResponse({"state": "nobody", "of": number.english()})
    return JsonResponse({"state": "found", **asdict(found)})


@needs("view_segments")
@require_GET
def suggest(request: SignedIn) -> JsonResponse:
    """Names and values for the pickers."""
    asked = Asked(
        *(request.GET.get(name, "")[:500].replace("\x00", "") for name in ("q", "name", "property", "column"))
    )
    kind = KINDS.get(request.GET.get("kind", ""))
    if kind is None:
        return JsonResponse({"error": f"kind must be one of {', '.join(KINDS)}"}, status=400)
    try:
        with at_most(ALONE_S):
            found = kind(asked)
    except TooSlow:
        found = []
    return JsonResponse({"results": [asdict(one) for one in found]})


def _read(request: SignedIn) -> Reading:
    rule = read_rule(request.POST.get("rule", ""))
    return read(rule, now=utc_now(), zone=deployment_zone(), wait_s=ALONE_S)


def _reach(profile_ids: Sequence[int]) -> list[Reach]:
    try:
        with at_most(BESIDE_S):
            return reach(profile_ids) if profile_ids else []
    except TooSlow:
        return []


def _examples(reading: Reading, profile_ids: Sequence[int]) -> list[Example]:
    try:
        with at_most(BESIDE_S):
            return examples(reading, profile_ids)
    except TooSlow:
        return []


def _find(who: str) -> Profile:
    try:
        return by_any(who)
    except NoSuchPerson:
        return by_known(who)
