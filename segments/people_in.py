"""People by the segments they are in and not in."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet

from cdp.profiles.models import Profile
from segments.models import Membership, Segment

MOST = 12
ORDER = ("-id",)
"""By the key that memberships and profiles share: any combination of segments is then one walk, without a sort."""


@dataclass(frozen=True)
class Wanted:
    inside: tuple[int, ...] = ()
    outside: tuple[int, ...] = ()
    is_in_none: bool = False
    """In no active segment at all."""


def people_in(wanted: Wanted) -> QuerySet[Profile]:
    """EXISTS per segment, by the profile's id: each becomes a join on what both are keyed by."""
    found = Profile.objects.filter(merged_into=None)
    for segment_id in wanted.inside:
        found = found.filter(Exists(_of_person().filter(segment_id=segment_id)))
    for segment_id in wanted.outside:
        found = found.exclude(Exists(_of_person().filter(segment_id=segment_id)))
    if wanted.is_in_none:
        # Archived segments are few: to leave those out is quicker than to look for all others.
        archived = list(Segment.objects.exclude(archived_at=None).values_list("pk", flat=True))
        found = found.exclude(Exists(_of_person().exclude(segment_id__in=archived)))
    return found


def _of_person() -> QuerySet[Membership]:
    return Membership.objects.filter(profile_id=OuterRef("pk"))
