"""When to send: the hour each person is most active at, and a share of hours tried anew.

For campaigns: `best_hour(profile_ids, window=(8, 21), explore=0.1, generator=…, fallback_hour=10)`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

import numpy as np

from scoring.activity_hours import activity, groups_of
from scoring.columns import Numbers
from scoring.estimators.send_hour import HOURS, Habits, best, explored, hours_in
from scoring.models import SendHour, SendHourFit


class Whose(StrEnum):
    OWN = "own"
    """From what the person did, shrunk towards the group."""
    GROUP = "group"
    """Nothing is known of the person: the hour of their country, or of everybody."""
    NOBODY = "nobody"
    """Nothing is known of anybody yet."""


@dataclass(frozen=True, slots=True)
class Chosen:
    hour: int
    """On the person's own clock; on the deployment's where their zone is not known."""
    whose: Whose
    is_explored: bool = False


@dataclass(frozen=True)
class OneHour:
    """What is known of one person's best hour."""

    hour: int
    whose: Whose
    evidence: float
    own_share: float
    lift: float
    shares: tuple[float, ...]
    computed_at: datetime


def best_hour(
    profile_ids: Sequence[int],
    *,
    generator: np.random.Generator,
    fallback_hour: int,
    window: tuple[int, int] = (8, 21),
    explore: float = 0.1,
) -> dict[int, Chosen]:
    """Of each person, within the window: from its first hour until before its last; (22, 6) goes past midnight.

    The share `explore` of people, drawn by chance, is given an hour drawn by chance and marked: so it is learned
    whether another hour would serve them better. Where nothing is known of anybody all get `fallback_hour`.
    """
    if not 0 <= explore <= 1:
        raise ValueError(f"No share: {explore}.")
    hours_in(window)
    fit, ids = SendHourFit.objects.order_by("-at").first(), list(dict.fromkeys(profile_ids))
    if fit is None or not fit.people or not ids:
        return {profile_id: Chosen(fallback_hour, Whose.NOBODY) for profile_id in ids}
    own = dict(SendHour.objects.filter(profile_id__in=ids).values_list("profile_id", "shares"))
    shares = _shares(ids, own, Habits.from_facts(fit.habits))
    is_tried = generator.random(len(ids)) < explore
    hours = np.where(is_tried, explored(shares, window, generator), best(shares, window))
    whose = [Whose.OWN if profile_id in own else Whose.GROUP for profile_id in ids]
    return {one: Chosen(*rest) for one, *rest in zip(ids, hours.tolist(), whose, is_tried.tolist(), strict=True)}


def hour_of(profile_id: int, *, now: datetime, zone: ZoneInfo) -> OneHour | None:
    """Of one person, from what they did until now. None where nothing is known of anybody yet."""
    fit = SendHourFit.objects.order_by("-at").first()
    if fit is None or not fit.people:
        return None
    habits, found = Habits.from_facts(fit.habits), activity(now, zone=zone, ids=[profile_id])
    if not len(found.ids):
        shares = habits.prior([groups_of([profile_id]).get(profile_id, "")])[0]
        return _one(shares, Whose.GROUP, 0.0, 0.0, now)
    shares, own = habits.shares(found.counts, found.groups)[0], float(habits.own_share(found.counts)[0])
    return _one(shares, Whose.OWN, float(found.counts.sum()), own, now)


def _one(shares: Numbers, whose: Whose, evidence: float, own_share: float, now: datetime) -> OneHour:
    hour = int(best(shares))
    kept = tuple(round(float(share), 4) for share in shares)
    return OneHour(
        hour, whose, round(evidence, 2), round(own_share, 3), round(HOURS * float(shares[hour]), 2), kept, now
    )


def _shares(ids: Sequence[int], own: dict[int, list[float]], habits: Habits) -> Numbers:
    groups = groups_of([profile_id for profile_id in ids if profile_id not in own])
    prior = habits.prior([groups.get(profile_id, "") for profile_id in ids])
    for row, profile_id in enumerate(ids):
        if profile_id in own:
            prior[row] = own[profile_id]
    return prior
