"""Who a campaign goes to: one ledger row per person, written before anything is sent."""

from datetime import datetime
from uuid import uuid4

from django.db import connection, transaction

from campaigns.models import Campaign, Delivery

ONCE = "once"
"""The occurrence of a campaign that is sent a single time."""


class AlreadyStarted(Exception):
    """This campaign was started before. Make a copy to send it again."""


def start(campaign: Campaign, *, now: datetime) -> int:
    """Plans a delivery for every member of the segment. Returns how many rows; safe against a double click."""
    with transaction.atomic():
        locked = Campaign.objects.select_for_update().get(pk=campaign.pk)
        if locked.state != Campaign.State.DRAFT:
            raise AlreadyStarted(locked.name)
        locked.state, locked.started_at = Campaign.State.SENDING, now
        locked.save(update_fields=["state", "started_at"])
        return _plan(locked, now=now)


def _plan(campaign: Campaign, *, now: datetime) -> int:
    """People without an address, or with one that another of the audience has, are kept as skipped."""
    state, reason = Delivery.State, Delivery.Reason
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into campaigns_delivery (profile_id, campaign_id, occurrence, ref, address, state, reason, error,"
            " branches, fence, planned_at, settled_at)"
            " select id, %(campaign)s, %(occurrence)s, gen_random_uuid(), coalesce(address, ''),"
            " case when address is null or nth > 1 then %(skipped)s else %(planned)s end,"
            " case when address is null then %(no_address)s when nth > 1 then %(same)s else '' end,"
            " '', '{}', 0, %(now)s, case when address is null or nth > 1 then %(now)s end"
            " from (select id, address, row_number() over (partition by address order by id) nth"
            "  from (select p.id, case when p.traits ->> 'email' like '%%_@_%%' then lower(trim(p.traits ->> 'email'))"
            "   end address from profiles_profile p where p.merged_into is null and p.id in"
            "   (select profile_id from segments_membership where segment_id = %(segment)s)) members) numbered"
            " on conflict do nothing",
            {
                "campaign": campaign.pk,
                "occurrence": ONCE,
                "skipped": state.SKIPPED,
                "planned": state.PLANNED,
                "no_address": reason.NO_ADDRESS,
                "same": reason.SAME_ADDRESS,
                "segment": campaign.segment_id,
                "now": now,
            },
        )
        return int(cursor.rowcount)


def plan_survivors(deliveries: list[Delivery], *, now: datetime) -> None:
    """Whom a merge took over gets nothing; the profile they became gets a row, unless it has one."""
    ids = [one.profile_id for one in deliveries]
    with connection.cursor() as cursor:
        cursor.execute("select id, merged_into from profiles_profile where id = any(%s)", [ids])
        survivors = dict(cursor.fetchall())
    Delivery.objects.bulk_create(
        [
            Delivery(
                profile_id=survivors[one.profile_id],
                campaign_id=one.campaign_id,
                occurrence=one.occurrence,
                ref=uuid4(),
                address=one.address,
                planned_at=now,
            )
            for one in deliveries
        ],
        ignore_conflicts=True,
    )
