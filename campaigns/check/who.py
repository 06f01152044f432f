"""Who of the segment would get the mail, some thousands at a time, as audience.py plans and permitted.py allows it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from campaigns.models import Campaign, Delivery
from campaigns.permitted import refusals

Reason = Delivery.Reason
_ADDRESS = "case when p.traits ->> 'email' like '%%_@_%%' then lower(trim(p.traits ->> 'email')) end"
_MEMBERS = (
    "segments_membership m join profiles_profile p on p.id = m.profile_id and p.merged_into is null"
    " where m.segment_id = %s"
)


@dataclass(frozen=True, slots=True)
class Somebody:
    profile_id: int
    address: str
    """Empty: none."""


@dataclass(frozen=True, slots=True)
class Lot:
    people: Sequence[Somebody]
    refused: Mapping[int, Reason]
    """By profile id; the others get the mail."""


def how_many(campaign: Campaign) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*) from {_MEMBERS}", [campaign.segment_id])
        return int(cursor.fetchone()[0])


def second_of_address(campaign: Campaign) -> frozenset[int]:
    """Those whose address a person before them has: the address gets one mail."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"select id from (select p.id, row_number() over (partition by {_ADDRESS} order by p.id) nth"
            f" from {_MEMBERS} and {_ADDRESS} is not null) numbered where nth > 1",
            [campaign.segment_id],
        )
        return frozenset(row[0] for row in cursor.fetchall())


def lot_after(campaign: Campaign, after: int, *, size: int, second: Collection[int]) -> Lot:
    """The next of the segment in the order of their ids."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"select p.id, coalesce({_ADDRESS}, '') from {_MEMBERS} and m.profile_id > %s"
            " order by m.profile_id limit %s",
            [campaign.segment_id, after, size],
        )
        people = [Somebody(*row) for row in cursor.fetchall()]
    refused = {one.profile_id: Reason.NO_ADDRESS for one in people if not one.address}
    refused |= {one.profile_id: Reason.SAME_ADDRESS for one in people if one.profile_id in second}
    asked = [one for one in people if one.profile_id not in refused]
    by_address = refusals(campaign, asked)
    return Lot(
        people, refused | {one.profile_id: by_address[one.address] for one in asked if one.address in by_address}
    )
