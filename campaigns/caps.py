"""Frequency caps: nobody gets more than so many messages in so many hours, and the more important ones first.

Call `verdicts` in the transaction that takes the slots (ledger.take_slots): it locks the people until then, in the
order of their ids. So two workers at once never exceed a cap. Messages of campaigns that are not capped are outside.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from campaigns.models import Campaign, Delivery, FrequencyCap
from cdp.common.copying import numbers

LOOK_AHEAD = timedelta(hours=24)
"""A message that is planned within that time, and within the cap's, keeps its slot free from less important ones."""
State, Reason = Delivery.State, Delivery.Reason
COUNTED = (State.CLAIMED, State.HANDING, State.ACCEPTED, State.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Refused:
    reason: Delivery.Reason
    rival_id: int | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """A message that was sent to somebody, or that is planned; `at` is when."""

    campaign_id: int
    priority: int
    topic_id: int | None
    at: datetime


@dataclass(frozen=True)
class Verdicts:
    refused: Mapping[UUID, Refused]
    gone: frozenset[UUID]
    """Their people were merged away at this moment."""


def caps_of(campaign: Campaign) -> list[FrequencyCap]:
    if not campaign.is_capped:
        return []
    return [one for one in FrequencyCap.objects.order_by("pk") if one.topic_id in (None, campaign.topic_id)]


def verdicts(
    campaign: Campaign, caps: Sequence[FrequencyCap], deliveries: Sequence[Delivery], *, now: datetime
) -> Verdicts:
    """In the order of `deliveries`: the first of a person's takes the first slot."""
    alive = _locked({one.profile_id for one in deliveries})
    longest = max(timedelta(hours=cap.hours) for cap in caps)
    taken = _taken(alive, since=now - longest)
    wanted = _wanted(campaign, alive, until=now + min(longest, LOOK_AHEAD))
    refused: dict[UUID, Refused] = {}
    for one in deliveries:
        if one.profile_id not in alive:
            continue
        mine = taken.setdefault(one.profile_id, [])
        no = _refusal(campaign, caps, mine, wanted.get(one.profile_id, ()), now)
        if no is None:
            mine.append(Slot(campaign.pk, campaign.priority, campaign.topic_id, now))
        else:
            refused[one.ref] = no
    return Verdicts(refused, frozenset(one.ref for one in deliveries if one.profile_id not in alive))


def _refusal(
    campaign: Campaign, caps: Sequence[FrequencyCap], taken: Iterable[Slot], wanted: Iterable[Slot], now: datetime
) -> Refused | None:
    """By the first cap that says no."""
    for cap in caps:
        window = timedelta(hours=cap.hours)
        used = [one for one in taken if one.at > now - window and _concerns(cap, one)]
        left = cap.most - len(used)
        rivals = [one for one in used if one.priority > campaign.priority]
        if left > 0:
            ahead = now + min(window, LOOK_AHEAD)
            rivals = [one for one in wanted if one.at <= ahead and _concerns(cap, one)]
            if len(rivals) < left:
                continue
        if rivals:
            return Refused(Reason.OUTRANKED, max(rivals, key=lambda one: (one.priority, one.at)).campaign_id)
        return Refused(Reason.CAPPED)
    return None


def _concerns(cap: FrequencyCap, slot: Slot) -> bool:
    return cap.topic_id is None or cap.topic_id == slot.topic_id


def _locked(profile_ids: Iterable[int]) -> set[int]:
    """Those who are still there. A merge waits until we are done, and we for a merge."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select id from profiles_profile where id = any(%s::bigint[]) and merged_into is null"
            " order by id for no key update",
            [numbers(profile_ids)],
        )
        return {row[0] for row in cursor.fetchall()}


def _taken(profile_ids: Iterable[int], *, since: datetime) -> dict[int, list[Slot]]:
    return _slots(
        "select d.profile_id, d.campaign_id, c.priority, c.topic_id, d.claimed_at from campaigns_delivery d"
        " join campaigns_campaign c on c.id = d.campaign_id and c.is_capped"
        " where d.profile_id = any(%s::bigint[]) and d.claimed_at > %s and d.state = any(%s)",
        [numbers(profile_ids), since, list(COUNTED)],
    )


def _wanted(campaign: Campaign, profile_ids: Iterable[int], *, until: datetime) -> dict[int, list[Slot]]:
    """Of campaigns that rank higher and are under way: planned, or claimed and not yet sure of their slot."""
    higher = Campaign.objects.filter(
        priority__gt=campaign.priority, is_capped=True, state__in=(Campaign.State.SENDING, Campaign.State.SCHEDULED)
    )
    ids = list(higher.values_list("pk", flat=True))
    if not ids:
        return {}
    return _slots(
        "select d.profile_id, d.campaign_id, c.priority, c.topic_id, d.due_at from campaigns_delivery d"
        " join campaigns_campaign c on c.id = d.campaign_id"
        " where d.profile_id = any(%s::bigint[]) and d.campaign_id = any(%s::bigint[]) and d.state = any(%s)"
        " and d.claimed_at is null and d.due_at <= %s",
        [numbers(profile_ids), numbers(ids), [State.PLANNED, State.CLAIMED], until],
    )


def _slots(sql: str, values: Sequence[Any]) -> dict[int, list[Slot]]:
    found: dict[int, list[Slot]] = {}
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        for profile_id, *rest in cursor.fetchall():
            found.setdefault(profile_id, []).append(Slot(*rest))
    return found
