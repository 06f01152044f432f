"""What a campaign, or all of them, do at all: people who were to get mails against people who were held out.

Everybody who was drawn counts, whatever became of the mail afterwards, for who was held out might have fared alike. All
their orders count, not only those that a click led to.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from campaigns.experiments.counts import BEFORE, PRIOR, Group, sums
from campaigns.models import Campaign, Delivery
from campaigns.policy import policy
from cdp.events.revenue import COUNTS, NET

HELD, MEANT = 1, 2
NEVER_MEANT = [
    Delivery.Reason.NO_ADDRESS,
    Delivery.Reason.SAME_ADDRESS,
    Delivery.Reason.MERGED,
    Delivery.Reason.SUPPRESSED,
    Delivery.Reason.NO_CONSENT,
    Delivery.Reason.CANCELLED,
]
"""They are in neither group: they would have got nothing, held out or not."""
_SPENT = f"""
spent as (
  select m.held, m.profile_id, count(o.order_id) as orders, coalesce(sum({NET}), 0)::float8 as y
    from meant m
    left join events_order o on o.profile_id = m.profile_id and {COUNTS}
         and o.ordered_at >= m.since and o.ordered_at < m.until
   group by m.held, m.profile_id, m.since)
select case when s.held then 1 else 2 end, count(*), count(*) filter (where s.orders > 0),
       sum(s.y), sum(coalesce(p.x, 0)), sum(s.y * s.y), sum(coalesce(p.x, 0) ^ 2), sum(s.y * coalesce(p.x, 0))
  from spent s left join prior p on p.profile_id = s.profile_id
 group by 1 order by 1
"""
_ONE = f"""
with prior as ({PRIOR}),
meant as (
  select d.profile_id, d.reason = 'holdout' as held, coalesce(d.due_at, d.planned_at) as since,
         least(coalesce(d.due_at, d.planned_at) + make_interval(days => %(days)s), %(now)s) as until
    from campaigns_delivery d
   where d.campaign_id = %(campaign)s and d.reason <> 'control' and not (d.reason = any(%(never)s))
     and d.address <> '' and coalesce(d.due_at, d.planned_at) < %(now)s),
{_SPENT}
"""
_ALL = f"""
with prior as ({PRIOR}),
meant as (
  select d.profile_id, bool_or(d.reason = 'control') as held, min(coalesce(d.due_at, d.planned_at)) as since,
         %(now)s::timestamptz as until
    from campaigns_delivery d
   where d.campaign_id = any(%(campaigns)s) and d.planned_at >= %(since)s and not (d.reason = any(%(never)s))
     and d.address <> '' and coalesce(d.due_at, d.planned_at) < %(now)s
   group by d.profile_id),
{_SPENT}
"""


@dataclass(frozen=True)
class Against:
    held: Group
    meant: Group


def holdout_of(campaign: Campaign, *, now: datetime) -> Against | None:
    """From when each was to get it, for the days in which orders are led back to it. None while nobody was held out."""
    since = campaign.started_at or campaign.created_at
    days = policy().click_days if campaign.conversion_days is None else campaign.conversion_days
    return _read(_ONE, {"campaign": campaign.pk, "since": since, "before": since - BEFORE, "days": days, "now": now})


def control_group(*, since: datetime, now: datetime) -> Against | None:
    """Of everybody whom a campaign was for since then, from the first on: the control group, and the others."""
    running = Campaign.objects.exclude(state=Campaign.State.DRAFT).exclude(finished_at__lt=since)
    return _read(
        _ALL,
        {"campaigns": list(running.values_list("pk", flat=True)), "since": since, "before": since - BEFORE, "now": now},
    )


def _read(sql: str, values: dict[str, Any]) -> Against | None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values | {"never": [str(one) for one in NEVER_MEANT]})
        found = {
            number: Group(number, "", 0, people, people, 0, orders, money=sums(people, some))
            for number, people, orders, *some in cursor.fetchall()
        }
    return Against(found[HELD], found[MEANT]) if len(found) == 2 else None
