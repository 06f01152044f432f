"""Orders led back to the mails that brought them: whoever ordered, clicked, opened, was merged or parted is read anew
within seconds.

Of each order that counts, the last click of a person on a mail of ours within that campaign's window before the order
has it; without one, the last open of a person within the policy's. What is kept follows from what stands in the tables
now, so it does not matter in which order things came, nor how often they are read.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import connection, transaction

from campaigns import policy
from campaigns.models import Campaign
from cdp.common.copying import Cursor, numbers
from cdp.events.orders import NAMES
from cdp.events.ourselves import CLICKED, NOT_CLICKED, NOT_OPENED, OPENED
from cdp.events.revenue import COUNTS, NET
from cdp.profiles.touched import EVERYBODY, REGROUPED, claim

READER = "conversions"
_TOLD = (*NAMES.values(), CLICKED, OPENED, NOT_CLICKED, NOT_OPENED)
FACTS = frozenset({*(f"event:{name}" for name in _TOLD), *REGROUPED})
CLAIM = 1_000
LOCK = 7_305_072
NIGHTLY = timedelta(days=60)
_OLD = """
select delivery from campaigns_conversion where profile_id = any(%s::bigint[])
union all select ref from campaigns_delivery where profile_id = any(%s::bigint[]) and converted_at is not null
"""
_CREDIT = f"""
with found as materialized (
  select distinct on (o.profile_id, o.order_id)
         o.profile_id, o.order_id, h.campaign_id, h.ref, h.kind, h.at as touched_at, o.ordered_at, {NET} as value
    from events_order o
    join campaigns_hit h on h.profile_id = o.profile_id and h.at <= o.ordered_at
    join campaigns_campaign c on c.id = h.campaign_id
   cross join lateral (select case h.kind when 'click' then coalesce(c.conversion_days, %s) else %s end as days) w
   where o.profile_id = any(%s::bigint[]) and h.profile_id = any(%s::bigint[]) and {COUNTS}
     and h.kind in ('click', 'open') and h.verdict = 'human'
     and w.days > 0 and h.at >= o.ordered_at - make_interval(hours => 24 * w.days)
   order by o.profile_id, o.order_id, h.kind = 'click' desc, h.at desc, h.ref desc),
gone as (
  delete from campaigns_conversion k where k.profile_id = any(%s::bigint[])
     and not exists (select from found f where f.profile_id = k.profile_id and f.order_id = k.order_id))
insert into campaigns_conversion as k
       (profile_id, order_id, campaign_id, delivery, by, touched_at, at, value)
select * from found
on conflict (profile_id, order_id) do update
   set campaign_id = excluded.campaign_id, delivery = excluded.delivery, by = excluded.by,
       touched_at = excluded.touched_at, at = excluded.at, value = excluded.value
 where (k.campaign_id, k.delivery, k.by, k.touched_at, k.at, k.value) is distinct from
       (excluded.campaign_id, excluded.delivery, excluded.by, excluded.touched_at, excluded.at, excluded.value)
returning delivery
"""
_FIRST = """
with said as (select r.ref, (select min(k.at) from campaigns_conversion k where k.delivery = r.ref) as at
                from unnest(%s::uuid[]) r (ref)),
     held as (select d.profile_id, d.campaign_id, d.occurrence, said.at from campaigns_delivery d join said using (ref)
               where d.converted_at is distinct from said.at
               order by d.profile_id, d.campaign_id, d.occurrence for update of d)
update campaigns_delivery d set converted_at = held.at from held
 where d.profile_id = held.profile_id and d.campaign_id = held.campaign_id and d.occurrence = held.occurrence
"""
_READ_AGAIN = """
insert into profiles_touched (reader, profile_id, names, at)
select %s, h.profile_id, '[]', %s from campaigns_hit h
 where h.verdict = 'human' and h.kind in ('click', 'open') and (%s::bigint is null or h.campaign_id = %s)
   and (%s::timestamptz is null or h.at >= %s)
   and exists (select from events_order o where o.profile_id = h.profile_id)
 group by h.profile_id
"""


def read_touched(*, now: datetime) -> int | None:
    """One claim of people who did something. Returns its size; None if another worker is at it."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return None
        claimed = claim(cursor, READER, limit=CLAIM)
        attribute(cursor, {profile_id for profile_id, _, _ in claimed} - {EVERYBODY})
        return len(claimed)


def attribute(cursor: Cursor, profile_ids: Collection[int]) -> None:
    """What these people's orders are led back to, anew."""
    if not profile_ids:
        return
    holds, whose = policy.policy(), numbers(profile_ids)
    cursor.execute(_OLD, [whose, whose])
    concerned = {ref for (ref,) in cursor.fetchall()}
    cursor.execute(_CREDIT, [holds.click_days, holds.open_days, whose, whose, whose])
    concerned |= {ref for (ref,) in cursor.fetchall()}
    cursor.execute(_FIRST, [[str(ref) for ref in concerned]])


def read_again(*, now: datetime, campaign: Campaign | None = None, since: datetime | None = None) -> None:
    """People whose orders may be led back otherwise now: a window was changed, or a click turned out to be a
    machine's."""
    which = campaign.pk if campaign else None
    with connection.cursor() as cursor:
        cursor.execute(_READ_AGAIN, [READER, now, which, which, since, since])
