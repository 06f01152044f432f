"""Why a person is in a segment, or is not; also for people who never were."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from cdp.accounts.access import SignedIn, needs
from cdp.common.clock import deployment_zone, utc_now
from cdp.profiles.find import NoSuchPerson, by_any, living, starting_with
from cdp.profiles.models import Profile
from cdp.profiles.naming import people
from cdp.rules.evidence import Evidence, evidences
from cdp.rules.explain import Explanation, explain
from cdp.rules.fields import RuleError
from cdp.rules.kept_cuts import cuts_for
from cdp.rules.parse import parse
from cdp.rules.tree import Scope, leaves
from segments.models import Membership, MembershipChange, Segment
from segments.sentence import sentence_of

CHOICES = 10
CHANGES = 20
EVENTS = 5


@needs("view_segments")
def find(request: SignedIn, pk: int) -> HttpResponse:
    """The page that asks for whom, and finds the person by any identifier."""
    segment = get_object_or_404(Segment, pk=pk)
    who = request.GET.get("who", "").strip()[:200]
    found = _matches(who) if who else {}
    if len(found) == 1:
        return redirect("segments:why", pk=pk, profile_id=next(iter(found)))
    context = {
        "segment": segment,
        "english": sentence_of(segment),
        "who": who,
        "choices": [(profile_id, person, found[profile_id]) for profile_id, person in people(found).items()],
    }
    return render(request, "segments/explain.html", context)


def _matches(who: str) -> dict[int, str]:
    """Profile id → by what it was found. A whole identifier means one person; the beginning of one offers some."""
    try:
        return {by_any(who).pk: who}
    except NoSuchPerson:
        pass
    if "\x00" in who:
        return {}
    starting = starting_with(who)
    whole = {pk: by for pk, by in starting.items() if by.partition(": ")[2].lower() == who.lower()}
    return dict(list((whole or starting).items())[:CHOICES])


@needs("view_segments")
def why(request: SignedIn, pk: int, profile_id: int) -> HttpResponse:
    """A fragment for the lists, a page of its own otherwise."""
    segment = get_object_or_404(Segment, pk=pk)
    profile = living(get_object_or_404(Profile, pk=profile_id))
    explanation, saw, problem = _explained(segment, profile.pk)
    member = Membership.objects.filter(segment_id=pk, profile_id=profile.pk).first()
    context = {
        "segment": segment,
        "english": sentence_of(segment),
        "profile": profile,
        "person": people([profile.pk]).get(profile.pk),
        "explanation": explanation,
        "findings": list(zip(explanation.findings, saw, strict=True)) if explanation else [],
        "problem": problem,
        "since": member.entered_at if member else None,
        "is_member": member is not None,
        "changes": MembershipChange.objects.filter(profile_id=profile.pk, segment_id=pk).order_by("-id")[:CHANGES],
    }
    part = "segments/_explained.html" if request.htmx else "segments/explain.html"  # type: ignore[attr-defined]
    return render(request, part, context)


def _explained(segment: Segment, profile_id: int) -> tuple[Explanation | None, list[Evidence], str]:
    """The explanation, and for each of its findings what lies behind it; or else what is wrong with the rule."""
    now, zone = utc_now(), deployment_zone()
    try:
        node = parse(segment.rule)
        cuts = cuts_for(node, now=now, zone=zone)
        found = explain(node, profile_id, now=now, zone=zone, cuts=cuts)
        behind = evidences(list(leaves(node)), Scope(now, [profile_id], zone, cuts), limit=EVENTS)
    except RuleError as error:
        return None, [], error.message
    return found, behind[profile_id], ""
