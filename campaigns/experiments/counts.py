"""What the people of each group of a campaign did: of its variants, and of the ways their hour was found."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.db import connection

from campaigns.experiments.statistics.samples import Sums
from campaigns.models import Campaign, Delivery
from cdp.events.revenue import COUNTS, NET

BEFORE = timedelta(days=90)
"""How far back it is read what people spent, to free revenue from what was to be expected of them."""
NOTHING = Sums(0, 0, 0, 0, 0, 0)
ARMS = (Delivery.Arm.FIXED, Delivery.Arm.BEST, Delivery.Arm.EXPLORED, Delivery.Arm.FALLBACK)
"""The fixed hour, with which the others are compared, first."""
PRIOR = f"""
select o.profile_id, sum({NET})::float8 as x from events_order o
 where o.ordered_at >= %(before)s and o.ordered_at < %(since)s and {COUNTS} group by o.profile_id
"""
_MAILS = f"""
with prior as ({PRIOR}),
earned as (select k.delivery, sum(k.value)::float8 as y from campaigns_conversion k
            where k.campaign_id = %(campaign)s group by k.delivery),
mails as (
  select {{grouped}} as number, d.state = 'accepted' as is_sent, d.state not in ('skipped', 'failed') as is_drawn,
         d.clicked_at, d.converted_at, d.opened_at, d.machine_opened_at, coalesce(e.y, 0) as y, coalesce(p.x, 0) as x
    from campaigns_delivery d
    left join earned e on e.delivery = d.ref
    left join prior p on p.profile_id = d.profile_id
   where d.campaign_id = %(campaign)s and {{only}})
select number, count(*) filter (where is_drawn), count(*) filter (where is_sent),
       count(clicked_at) filter (where is_sent), count(converted_at) filter (where is_sent),
       count(opened_at) filter (where is_sent),
       count(machine_opened_at) filter (where is_sent and opened_at is null),
       sum(y) filter (where is_sent), sum(x) filter (where is_sent), sum(y * y) filter (where is_sent),
       sum(x * x) filter (where is_sent), sum(x * y) filter (where is_sent)
  from mails group by number
"""


@dataclass(frozen=True)
class Group:
    number: int
    name: str = ""
    weight: int = 0
    """Its part of the people; 0: none was set."""
    drawn: int = 0
    """Who were drawn for it and neither skipped nor failed: these the parts must fit."""
    people: int = 0
    """Who were sent it."""
    clicks: int = 0
    orders: int = 0
    """People, not clicks and orders."""
    opens: int = 0
    machine_opens: int = 0
    """Opened by machines only."""
    money: Sums = NOTHING
    """y: revenue, x: what was spent in the time before; over `people`."""
    people_query: str = ""
    """Of the list of people of the campaign: which of them are in the group; empty where it cannot tell."""

    def did(self, decides_on: str) -> int:
        return self.clicks if decides_on == Campaign.Decision.CLICKS else self.orders

    def share(self, decides_on: str) -> float:
        return self.did(decides_on) / self.people if self.people else 0.0


def groups_of(campaign: Campaign) -> list[Group]:
    """The variants by number, also those without anybody."""
    found = {one.number: one for one in _mails(campaign, "d.variant", "d.variant > 0 and not d.gets_winner")}
    listed = campaign.variants.order_by("number")
    return [
        replace(
            found.get(one.number, Group(one.number)),
            name=one.name,
            weight=one.weight,
            people_query=f"drawn=on&variant={one.number}",
        )
        for one in listed
    ]


def arms_of(campaign: Campaign) -> list[Group]:
    """The ways that anybody's hour was found, as in ARMS."""
    keys = ", ".join(f"'{arm.value}'" for arm in ARMS)
    found = _mails(campaign, f"array_position(array[{keys}], d.arm::text)", "d.arm <> ''")
    arms = [(ARMS[one.number - 1], one) for one in sorted(found, key=lambda one: one.number)]
    return [replace(one, name=str(arm.label), people_query=f"arm={arm.value}") for arm, one in arms]


def sums(n: int, some: Sequence[Any]) -> Sums:
    """y, x, y², x², xy as the database adds them."""
    return Sums(n, *(float(one or 0) for one in some))


def _mails(campaign: Campaign, grouped: str, only: str) -> list[Group]:
    """`grouped` and `only` are SQL written in this module."""
    since = campaign.started_at or campaign.created_at
    values: dict[str, Any] = {"campaign": campaign.pk, "since": since, "before": since - BEFORE}
    with connection.cursor() as cursor:
        cursor.execute(_MAILS.format(grouped=grouped, only=only), values)
        return [
            Group(number, "", 0, drawn, people, clicks, orders, opens, machine, sums(people, some))
            for number, drawn, people, clicks, orders, opens, machine, *some in cursor.fetchall()
        ]
