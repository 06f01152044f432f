"""The segments of one person, on the profile page."""

from datetime import datetime
from uuid import UUID

from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse
from django.shortcuts import render

from cdp.accounts.access import SignedIn, needs
from cdp.common.clock import deployment_zone, time_limit, utc_now
from cdp.common.keyset import BadCursor, page_of
from cdp.profiles.find import NoSuchPerson, by_uuid
from cdp.profiles.models import Profile
from cdp.rules.explain import explain
from cdp.rules.fields import RuleError
from cdp.rules.kept_cuts import cuts_for
from cdp.rules.parse import parse
from segments.models import Membership, MembershipChange, Segment

AHEAD_S = 2.0
"""How long one may be kept waiting for what time alone will change."""


@needs("view_segments")
def of_person(request: SignedIn, uuid: UUID) -> HttpResponse:
    """At once since when; until when follows by a request of its own, for it asks each rule about the future."""
    profile = _person(uuid)
    known = _segments_of(profile)
    context = {"known": [(segment, since, None) for segment, since in known], "profile": profile}
    return render(request, "segments/_of_person.html", context)


@needs("view_segments")
def until(request: SignedIn, uuid: UUID) -> HttpResponse:
    profile, is_time_up = _person(uuid), time_limit(AHEAD_S)
    now, known = utc_now(), []
    for segment, since in _segments_of(profile):
        known.append((segment, since, None if is_time_up() else _leaves_at(segment, profile.pk, now)))
    return render(request, "segments/_of_person.html", {"known": known, "profile": profile, "is_told": True})


def _person(uuid: UUID) -> Profile:
    try:
        return by_uuid(uuid)
    except NoSuchPerson as error:
        raise Http404 from error


def _segments_of(profile: Profile) -> list[tuple[Segment, datetime]]:
    rows = list(Membership.objects.filter(profile_id=profile.pk).order_by("-entered_at"))
    kept = Segment.objects.filter(archived_at=None).in_bulk([row.segment_id for row in rows])
    return [(kept[row.segment_id], row.entered_at) for row in rows if row.segment_id in kept]


def _leaves_at(segment: Segment, profile_id: int, now: datetime) -> datetime | None:
    """When they leave if nothing happens; None if they do not, or the rule cannot be read."""
    zone = deployment_zone()
    try:
        node = parse(segment.rule)
        found = explain(node, profile_id, now=now, zone=zone, cuts=cuts_for(node, now=now, zone=zone))
    except RuleError:
        return None
    return found.flips_at if found.is_in else None


@needs("view_segments")
def history(request: SignedIn, uuid: UUID) -> HttpResponse:
    """The tab: into which segments this person came and went, and why."""
    profile = _person(uuid)
    rows = MembershipChange.objects.filter(profile_id=profile.pk)
    try:
        page = page_of(rows, order=("-id",), query=request.GET)
    except BadCursor as error:
        raise BadRequest(str(error.__doc__)) from error
    segments = Segment.objects.in_bulk({row.segment_id for row in page.rows})
    lines = [(row, segments.get(row.segment_id)) for row in page.rows]
    return render(request, "segments/_history_of_person.html", {"profile": profile, "page": page, "lines": lines})
