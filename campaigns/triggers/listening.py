"""Which campaigns listen, for what, and since when. What reached us before they were started, or while they were
paused, starts nothing."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from campaigns.models import Campaign, Listening
from campaigns.triggers.definition import Trigger, parse_trigger
from cdp.common.copying import Cursor
from cdp.rules.fields import RuleError

log = logging.getLogger(__name__)
READER = "triggers"
"""Of touched profiles."""
OLDEST = timedelta(days=1)
"""An event that reaches us later after it happened starts nothing."""
_FACTS = """
select distinct case trigger ->> 'kind' when 'event' then trigger ->> 'event' else 'Email Delivered' end
  from campaigns_campaign
 where state = 'sending' and kind = 'triggered' and trigger ->> 'kind' in ('event', 'message')
"""
_BEGIN = """
insert into campaigns_listening as l (campaign_id, since, xact_id, is_caught_up, error)
values (%s, %s, pg_current_xact_id()::text::bigint, false, '')
on conflict (campaign_id) do update
   set since = excluded.since, xact_id = excluded.xact_id, is_caught_up = false, error = '', failed_at = null
"""
_MISSED = """
insert into profiles_touched (reader, profile_id, names, at)
select distinct %s, profile_id, jsonb_build_array('event:' || name), %s::timestamptz
  from events_event where name = %s and received_at >= %s and occurred_at >= %s
"""


@dataclass(frozen=True)
class Listener:
    campaign: Campaign
    trigger: Trigger
    since: datetime


def begin(campaign: Campaign, *, now: datetime) -> None:
    """In the transaction that starts or resumes it."""
    if campaign.kind == Campaign.Kind.TRIGGERED:
        with connection.cursor() as cursor:
            cursor.execute(_BEGIN, [campaign.pk, now])


def facts(cursor: Cursor) -> frozenset[str]:
    """What people must be touched by so that a campaign hears of it."""
    cursor.execute(_FACTS)
    return frozenset(f"event:{name}" for (name,) in cursor.fetchall())


def listeners(*, now: datetime) -> list[Listener]:
    """One whose trigger names what is gone is left out; its page says so."""
    return list(_listeners(now))


def segments(*, now: datetime) -> set[int]:
    """Those whose changes are listened for: all that is asked in a second in which nothing happens."""
    on = Campaign.objects.filter(state=Campaign.State.SENDING, kind=Campaign.Kind.TRIGGERED).exclude(ends_at__lte=now)
    return set(on.filter(trigger__has_key="segment").values_list("trigger__segment", flat=True))


def _listeners(now: datetime) -> Iterator[Listener]:
    on = Campaign.objects.filter(state=Campaign.State.SENDING, kind=Campaign.Kind.TRIGGERED).exclude(ends_at__lte=now)
    for campaign in on.select_related("listening").order_by("pk"):
        try:
            trigger = parse_trigger(campaign.trigger, of=campaign.pk)
        except RuleError as error:
            log.warning("The trigger of campaign %s cannot be read: %s", campaign.pk, error)
            continue
        since: Listening | None = getattr(campaign, "listening", None)
        if since is None:
            begin(campaign, now=campaign.started_at or now)
        yield Listener(campaign, trigger, since.since if since else campaign.started_at or now)


def catch_up(cursor: Cursor, *, now: datetime) -> None:
    """Whoever took in events while a campaign was being started did not know of it, and touched nobody for it. Once all
    those transactions are over, what they took in is looked for, and touched."""
    cursor.execute("select pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
    over = cursor.fetchone()[0]
    waiting = set(Listening.objects.filter(is_caught_up=False, xact_id__lt=over).values_list("pk", flat=True))
    if waiting:
        for one in listeners(now=now):
            if one.campaign.pk in waiting and one.trigger.event:
                cursor.execute(_MISSED, [READER, now, one.trigger.event, one.since, one.since - OLDEST])
        Listening.objects.filter(pk__in=waiting).update(is_caught_up=True)
