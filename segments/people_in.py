"""People by the segments they are in and not in."""

from collections.abc import Iterable
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
        found = found.filter(Exists(_rows([segment_id])))
    for segment_id in wanted.outside:
        found = found.exclude(Exists(_rows([segment_id])))
    if wanted.is_in_none:
        found = found.exclude(Exists(_rows(Segment.objects.filter(archived_at=None).values_list("pk", flat=True))))
    return found


def _rows(segment_ids: Iterable[int]) -> QuerySet[Membership]:
    return Membership.objects.filter(profile_id=OuterRef("pk"), segment_id__in=list(segment_ids))
