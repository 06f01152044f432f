"""All that may speak against a message, asked at the moment of sending: each says its reason, the first counts.

In this order: merged into somebody else, no address any more, suppressed, no consent, what a triggered campaign asks,
night at the person's place, the rates of the account, the frequency caps and who has priority.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from campaigns import caps, ledger, quiet, rates
from campaigns.audience import plan_survivors
from campaigns.ledger import Claim
from campaigns.models import Delivery, FrequencyCap
from campaigns.permitted import ADDRESS, NAMESPACE, refusals
from campaigns.policy import policy
from campaigns.triggers import standing
from cdp.common.claims import give_back_when_idle
from cdp.common.copying import numbers, texts
from cdp.profiles.models import NAMING
from cdp.rules.zones import TRAIT, zone_called

Reason = Delivery.Reason
READDRESS_LOCK = 7_305_022


@dataclass(frozen=True, slots=True)
class Person:
    address: str | None
    zone: object
    """What their trait says."""


def allowed(claimed: Claim, *, now: datetime, zone: ZoneInfo, namespace: str = NAMESPACE) -> list[Delivery]:
    """Those that go out now, each with its slot. The others are skipped, or planned for later. `zone` is that of people
    whose own is not known."""
    people = _people(claimed.deliveries)
    left = _not_merged(claimed, people, now=now)
    if namespace == NAMESPACE:
        left = _addressed(claimed, left, people, now=now)
    refused = refusals(claimed.campaign, left)
    left = _without(claimed, left, {one.ref: refused[one.address] for one in left if one.address in refused}, now=now)
    pointless = standing.refusals(claimed.campaign, left, now=now, zone=zone)
    left = _without(claimed, left, pointless, now=now)
    left = _awake(claimed, left, {pk: zone_called(one.zone, zone) for pk, one in people.items()}, now=now)
    left = _with_slot(claimed, left, now=now)
    _note_records(left)
    return left


def _people(deliveries: Sequence[Delivery]) -> dict[int, Person]:
    """Those who are still there."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"select id, {ADDRESS}, traits ->> %s from profiles_profile p"
            " where id = any(%s::bigint[]) and merged_into is null",
            [TRAIT, numbers(one.profile_id for one in deliveries)],
        )
        return {pk: Person(*rest) for pk, *rest in cursor.fetchall()}


def _without(
    claimed: Claim, deliveries: Sequence[Delivery], refused: Mapping[UUID, Delivery.Reason], *, now: datetime
) -> list[Delivery]:
    by_reason: dict[Delivery.Reason, list[Delivery]] = {}
    for one in deliveries:
        if one.ref in refused:
            by_reason.setdefault(refused[one.ref], []).append(one)
    for reason, some in by_reason.items():
        ledger.skip(claimed, some, reason=reason, now=now)
    return [one for one in deliveries if one.ref not in refused]


def _not_merged(claimed: Claim, people: Mapping[int, Person], *, now: datetime) -> list[Delivery]:
    """Who was merged gets nothing: the profile they became does."""
    merged = [one for one in claimed.deliveries if one.profile_id not in people]
    if merged:
        with transaction.atomic():
            plan_survivors(claimed.campaign, merged, now=now)
            ledger.skip(claimed, merged, reason=Reason.MERGED, now=now)
    return [one for one in claimed.deliveries if one.profile_id in people]


def _addressed(
    claimed: Claim, deliveries: Sequence[Delivery], people: Mapping[int, Person], *, now: datetime
) -> list[Delivery]:
    """Whose address changed since gets it at the new one, unless somebody else gets the same there."""
    moved = [one for one in deliveries if people[one.profile_id].address != one.address]
    if not moved:
        return list(deliveries)
    refused = {one.ref: Reason.NO_ADDRESS for one in moved if not people[one.profile_id].address}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s, %s)", [READDRESS_LOCK, claimed.campaign.pk % 2**31])
        new = [one for one in moved if one.ref not in refused]
        for one in new:
            one.address, one.record_id = people[one.profile_id].address or "", None
        cursor.execute(
            "update campaigns_delivery d set address = n.address, record_id = null"
            " from unnest(%s::uuid[], %s::text[], %s::text[]) with ordinality n(ref, address, occurrence, nth)"
            " where d.ref = n.ref and d.campaign_id = %s and d.fence = %s and d.state = %s"
            " and not exists (select from campaigns_delivery o where o.campaign_id = d.campaign_id"
            "  and o.address = n.address and o.occurrence = n.occurrence and o.state <> %s and o.ref <> d.ref)"
            " and not exists (select from unnest(%s::text[], %s::text[]) with ordinality b(address, occurrence, nth)"
            "  where b.address = n.address and b.occurrence = n.occurrence and b.nth < n.nth)"
            " returning d.ref",
            [
                *(ledger.refs(new), texts([one.address for one in new]), texts([one.occurrence for one in new])),
                *(claimed.campaign.pk, claimed.fence, Delivery.State.CLAIMED, Delivery.State.SKIPPED),
                *(texts([one.address for one in new]), texts([one.occurrence for one in new])),
            ],
        )
        kept = {row[0] for row in cursor.fetchall()}
        refused |= {one.ref: Reason.SAME_ADDRESS for one in new if one.ref not in kept}
        return _without(claimed, deliveries, refused, now=now)


def _awake(
    claimed: Claim, deliveries: Sequence[Delivery], zones: Mapping[int, ZoneInfo], *, now: datetime
) -> list[Delivery]:
    """At night they wait; what would then come after the campaign's end is too late."""
    hours = quiet.quiet_of(policy()) if claimed.campaign.keeps_quiet else None
    if hours is None:
        return list(deliveries)
    over = quiet.over_in(hours, now=now)
    later = {one.ref: at for one in deliveries if (at := over(zones[one.profile_id]))}
    ends_at = claimed.campaign.ends_at
    late = {ref: Reason.LATE for ref, at in later.items() if ends_at is not None and at > ends_at}
    ledger.put_off(claimed, {ref: at for ref, at in later.items() if ref not in late})
    return _without(claimed, [one for one in deliveries if one.ref not in later or one.ref in late], late, now=now)


def _with_slot(claimed: Claim, deliveries: Sequence[Delivery], *, now: datetime) -> list[Delivery]:
    """Under the locks of people and rates, so that workers side by side keep both."""
    campaign, found = claimed.campaign, list(deliveries)
    held, account = caps.caps_of(campaign), campaign.account
    has_rates = account is not None and rates.has_rates(account)
    if not found or not (held or has_rates):  # nobody counts what no cap holds: it has its slot when it is handed over
        return found
    with transaction.atomic(), connection.cursor() as cursor:
        give_back_when_idle(cursor)
        if held:
            found = _under_caps(claimed, held, found, now=now)
        if account is not None and has_rates:
            later = rates.put_off(account, found, now=now)
            ledger.put_off(claimed, later)
            found = [one for one in found if one.ref not in later]
        ours = ledger.take_slots(claimed, found, now=now)
    return [one for one in found if one.ref in ours]


def _under_caps(
    claimed: Claim, held: Sequence[FrequencyCap], deliveries: Sequence[Delivery], *, now: datetime
) -> list[Delivery]:
    said = caps.verdicts(claimed.campaign, held, deliveries, now=now)
    together: dict[caps.Refused, list[Delivery]] = {}
    for one in deliveries:
        if one.ref in said.refused:
            together.setdefault(said.refused[one.ref], []).append(one)
    for why, some in together.items():
        ledger.skip(claimed, some, reason=why.reason, rival_id=why.rival_id, now=now)
    ledger.put_off(claimed, dict.fromkeys(said.gone, now))
    return [one for one in deliveries if one.ref not in said.refused and one.ref not in said.gone]


def _note_records(deliveries: Sequence[Delivery]) -> None:
    """The first record of each that says this address."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select i.profile_id, i.value, min(i.record_id) from profiles_identifier i"
            " where i.namespace = %s and i.value = any(%s::text[]) and i.dropped_for = any(%s) group by 1, 2",
            [NAMESPACE, texts([one.address for one in deliveries]), list(NAMING)],
        )
        records = {(profile_id, value): record_id for profile_id, value, record_id in cursor.fetchall()}
    for one in deliveries:
        one.record_id = records.get((one.profile_id, one.address))
