"""When each person of a campaign gets it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import numpy as np

from campaigns import chance, moments
from campaigns.models import Campaign, Delivery
from scoring.send_time import Chosen, Whose, best_hour

Arm, Timing = Delivery.Arm, Campaign.Timing


@dataclass(frozen=True, slots=True)
class Asked:
    profile_id: int
    zone: ZoneInfo
    not_before: datetime
    on: date | None
    """… and not before that day on their clock."""
    own_time: time | None
    """Of their variant; it goes before the campaign's."""


@dataclass(frozen=True, slots=True)
class Hour:
    due_at: datetime
    arm: str = ""


def hours(campaign: Campaign, asked: Sequence[Asked], drawing: np.random.Generator) -> list[Hour]:
    """In the order they are asked in."""
    if campaign.timing == Timing.BEST_HOUR:
        arms = _arms(campaign, [one for one in asked if one.own_time is None], drawing)
    else:
        arms = {}
    return [_hour(campaign, one, arms) for one in asked]


def _hour(campaign: Campaign, one: Asked, arms: dict[int, tuple[int, str]]) -> Hour:
    clock = one.own_time or (campaign.local_time if campaign.timing == Timing.LOCAL else None)
    if clock is not None:
        return Hour(moments.at_time(clock, zone=one.zone, not_before=one.not_before, on=one.on))
    if one.profile_id in arms:
        hour, arm = arms[one.profile_id]
        return Hour(moments.at_hour(hour, zone=one.zone, not_before=one.not_before, on=one.on), arm)
    return Hour(one.not_before)


def _arms(campaign: Campaign, asked: Sequence[Asked], drawing: np.random.Generator) -> dict[int, tuple[int, str]]:
    """Of each person the hour, and how it was found."""
    ids = sorted({one.profile_id for one in asked})
    fixed = chance.taken(len(ids), campaign.fixed_hour_percent, drawing)
    found = {pk: (campaign.fallback_hour, str(Arm.FIXED)) for pk, is_fixed in zip(ids, fixed, strict=True) if is_fixed}
    chosen = best_hour(
        [pk for pk in ids if pk not in found],
        window=(campaign.window_from, campaign.window_until),
        explore=campaign.explore_percent / 100,
        fallback_hour=campaign.fallback_hour,
        generator=drawing,
    )
    return found | {pk: (one.hour, _arm(one)) for pk, one in chosen.items()}


def _arm(one: Chosen) -> str:
    if one.is_explored:
        return Arm.EXPLORED
    return Arm.FALLBACK if one.whose == Whose.NOBODY else Arm.BEST
