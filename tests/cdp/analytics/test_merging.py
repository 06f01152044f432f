"""Computed traits survive merge and un-merge: whatever happens, the values are those of a full recomputation."""

from contextlib import suppress
from random import Random
from typing import Any

import pytest

from cdp.profiles.models import Identifier, Profile
from identity.by_hand import CannotMerge, merge_profiles, unmerge
from tests.cdp.analytics.keeping import a_trait, everything, follow_all, refresh_all, refresh_anew, value
from tests.taking_in import NOW, ago, rows, take_in, track

pytestmark = pytest.mark.django_db
BUY, VIEW = "Order Completed", "Product Viewed"
BY = "user:1"


def bought(user: str, number: str, total: float, *, days: float) -> dict[str, Any]:
    return did(user, BUY, days=days, order_id=number, total=total)


def did(visitor: str, name: str, *, days: float, **properties: Any) -> dict[str, Any]:
    return track(event=name, at=ago(days=days), anonymousId=visitor, properties=properties)


def profile_of(user: str) -> int:
    return Identifier.objects.get(value=user).profile_id


def as_recomputed() -> bool:
    kept = everything()
    refresh_anew(now=NOW)
    return everything() == kept


def test_they_are_the_sum_while_merged_and_as_before_once_parted() -> None:
    take_in(
        [
            bought("ann", "1", 10, days=3),
            bought("anna", "2", 30, days=8),
            *(bought(f"p{n}", f"p{n}", n, days=n) for n in range(1, 9)),
            did("anna", VIEW, days=1),
        ]
    )
    refresh_all()
    before = everything()
    done = merge_profiles([profile_of("ann"), profile_of("anna")], by=BY, now=NOW)
    follow_all()
    assert value("monetary", "ann") == value("monetary", "anna") == 40
    assert value("frequency", "ann") == 2
    assert rows(
        "select count(*) from analytics_computedvalue v join profiles_profile p on p.id = v.profile_id"
        " where p.merged_into is not null"
    ) == [(0,)]
    assert as_recomputed()
    for merge_id in done.merge_ids:
        unmerge(merge_id, by=BY, now=NOW)
    follow_all()
    assert everything() == before


def test_random_merges_and_partings_leave_the_values_of_a_full_recomputation() -> None:
    users = [f"u{n}" for n in range(6)]
    for n, user in enumerate(users):
        take_in([bought(user, f"{user}-{k}", 10 * n + k, days=7 * k + n) for k in range(n % 4)])
        take_in([did(user, VIEW, days=n / 2, product_id=f"i{n % 2}")])
    a_trait("items", kind="events", measure="most_frequent", name=VIEW, of={"column": "item"})
    refresh_all()
    merges: list[int] = []
    draw = Random(7)
    for step in range(25):
        living = list(Profile.objects.filter(merged_into=None).order_by("pk").values_list("pk", flat=True))
        if merges and (len(living) < 2 or draw.random() < 0.45):
            unmerge(merges.pop(), by=BY, now=NOW)
        else:
            with suppress(CannotMerge):
                merges.extend(merge_profiles(draw.sample(living, 2), by=BY, now=NOW).merge_ids)
        if draw.random() < 0.5:
            take_in([bought(draw.choice(users), f"new{step}", 5, days=0)])
        follow_all()
        assert as_recomputed()
    assert merges
