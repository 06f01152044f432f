"""An occurrence of a campaign: its audience is noted in lots when it comes, and the lots are planned one by one.

Two beats are one: whoever holds the campaign's row begins it, whoever holds its lock plans the next lot. A worker that
dies leaves its lot as it was.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q

from campaigns import chance, target
from campaigns.models import Campaign, PlanLot
from campaigns.planning import Wanted, plan
from campaigns.slots import Occurrence, occurrence_of, slot_after
from cdp.rules.sql import fill
from cdp.rules.tree import Scope

LOT = 5_000
"""People in one transaction: half a second."""
PLAN_LOCK = 7_305_021
State, Kind = Campaign.State, Campaign.Kind


def due(*, now: datetime) -> list[int]:
    """Campaigns of which something is to be planned, those that began first before others."""
    has_lots = Exists(PlanLot.objects.filter(campaign_id=OuterRef("pk")))
    rows = Campaign.objects.filter(_comes(now) | Q(has_lots, state=State.SENDING))
    return list(rows.order_by("started_at", "id").values_list("id", flat=True))


def begin(campaign_id: int, *, now: datetime, zone: ZoneInfo) -> bool:
    """Notes the audience as it is, if the time has come and nobody else is at it. Slots that were missed meanwhile
    are one: the next is counted from now. Raises RuleError where its rule cannot be read any more."""
    with transaction.atomic():
        rows = Campaign.objects.select_for_update(skip_locked=True, of=("self",))
        campaign = rows.filter(_comes(now), pk=campaign_id).first()
        if campaign is None or campaign.next_at is None:
            return False
        slot = campaign.next_at
        is_again = campaign.kind == Kind.RECURRING
        campaign.next_at = slot_after(campaign, max(slot, now), zone) if is_again else None
        campaign.state, campaign.started_at = State.SENDING, campaign.started_at or now
        campaign.save(update_fields=["next_at", "state", "started_at"])
        note(campaign, occurrence_of(campaign, slot, now=now, zone=zone), now=now, zone=zone)
        return True


def note(campaign: Campaign, occurrence: Occurrence, *, now: datetime, zone: ZoneInfo) -> None:
    """Who is in the audience at this moment, in lots, in the order of their ids."""
    noted = fill(
        'insert into campaigns_planlot (campaign_id, occurrence, number, ids, not_before, "on")'
        " select {campaign}, {occurrence}, (nth - 1) / {lot}, array_agg(id order by id), {not_before}, {on}::date"
        " from (select id, row_number() over (order by id) nth from ({members}) found (id)) numbered group by 3",
        campaign=campaign.pk,
        occurrence=occurrence.name,
        lot=LOT,
        not_before=occurrence.not_before,
        on=occurrence.on,
        members=target.members_sql(campaign, Scope(now, None, zone)),
    )
    with connection.cursor() as cursor:
        cursor.execute(noted.text, noted.values)


def plan_next(campaign_id: int, *, now: datetime, zone: ZoneInfo) -> int | None:
    """The next lot, if nobody else is at it. Returns how many rows are new; None: nothing is left for us."""
    with transaction.atomic():
        if not _is_ours(campaign_id):
            return None
        campaign = Campaign.objects.filter(pk=campaign_id, state=State.SENDING).first()
        lot = PlanLot.objects.select_for_update().filter(campaign=campaign).order_by("id").first() if campaign else None
        if campaign is None or lot is None:
            return None
        wanted = [Wanted(pk, lot.occurrence, max(now, lot.not_before), on=lot.on) for pk in lot.ids]
        drawing = chance.generator_for(campaign.pk, lot.occurrence, lot.number)
        n = plan(campaign, wanted, now=now, zone=zone, generator=drawing)
        lot.delete()
        return n


def is_planned(campaign: Campaign) -> bool:
    """Whether everybody of what has begun is in the ledger."""
    return not PlanLot.objects.filter(campaign=campaign).exists()


def _comes(now: datetime) -> Q:
    is_on = Q(state=State.SCHEDULED) | Q(state=State.SENDING, kind=Kind.RECURRING)
    return is_on & Q(next_at__lte=now)


def _is_ours(campaign_id: int) -> bool:
    """One lot of a campaign at a time: an address that two lots share is written to once."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s, %s)", [PLAN_LOCK, campaign_id % 2**31])
        return bool(cursor.fetchone()[0])
