"""People and segments laid down as rows, for pages about many of them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from cdp.profiles.models import Profile
from segments.models import Membership, Segment
from tests.factories import NOW

NOBODY = {"version": 1, "root": {"kind": "event", "name": "Order Completed", "op": "at_least", "value": 1}}


FIRST = 10_000_000


def people(n: int, *, now: datetime = NOW, **traits: Any) -> list[int]:
    """Profile ids, the same in each run, since samples are taken by them; the nth person's trait `n` is n."""
    first = FIRST + Profile.objects.filter(pk__gte=FIRST).count()
    made = [
        Profile(
            id=first + k,
            traits={"n": k, "email": f"p{k}@x.org", **traits},
            first_seen_at=now,
            last_seen_at=now,
            created_at=now,
        )
        for k in range(n)
    ]
    return [one.pk for one in Profile.objects.bulk_create(made)]


def a_segment(name: str, members: Sequence[int] = (), *, now: datetime = NOW, **more: Any) -> Segment:
    """With these members, right as of `now`."""
    fields = {"rule": NOBODY, "created_at": now, "changed_at": now, "as_of": now, "is_stale": False, **more}
    segment = Segment.objects.create(name=name, size=len(members), **fields)
    rows = [
        Membership(profile_id=pk, segment_id=segment.pk, entered_at=now - timedelta(minutes=k))
        for k, pk in enumerate(members)
    ]
    Membership.objects.bulk_create(rows)
    return segment


def in_segment(other: Segment, op: str = "in") -> dict[str, Any]:
    """The rule of being in another segment."""
    return {"version": 1, "root": {"kind": "segment", "id": other.pk, "op": op}}
