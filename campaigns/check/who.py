"""Who of the audience would get the mail, some thousands at a time, as planning.py plans and permitted.py allows it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from campaigns import target
from campaigns.models import Campaign, Delivery
from campaigns.permitted import refusals
from cdp.rules.evidence import rows
from cdp.rules.sql import Sql, fill
from cdp.rules.tree import Scope

Reason = Delivery.Reason
ADDRESS = Sql("case when p.traits ->> 'email' like '%%_@_%%' then lower(trim(p.traits ->> 'email')) end")


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


@dataclass(frozen=True, slots=True)
class Asked:
    """The audience of a campaign at a moment."""

    campaign: Campaign
    now: datetime
    zone: ZoneInfo


def how_many(asked: Asked) -> int:
    return target.count(asked.campaign, now=asked.now, zone=asked.zone)


def second_of_address(asked: Asked) -> frozenset[int]:
    """Those whose address a person before them has: the address gets one mail."""
    numbered = fill(
        "select id from (select p.id, row_number() over (partition by {address} order by p.id) nth"
        " from profiles_profile p where p.id in ({members}) and {address} is not null) numbered where nth > 1",
        address=ADDRESS,
        members=target.members_sql(asked.campaign, Scope(asked.now, None, asked.zone)),
    )
    return frozenset(row[0] for row in rows(numbered))


def lot_after(asked: Asked, after: int, *, size: int, second: Collection[int]) -> Lot:
    """The next of the audience in the order of their ids."""
    people = _next(asked, after, size)
    refused = {one.profile_id: Reason.NO_ADDRESS for one in people if not one.address}
    refused |= {one.profile_id: Reason.SAME_ADDRESS for one in people if one.profile_id in second}
    writable = [one for one in people if one.profile_id not in refused]
    by_address = refusals(asked.campaign, writable)
    return Lot(
        people, refused | {one.profile_id: by_address[one.address] for one in writable if one.address in by_address}
    )


def _next(asked: Asked, after: int, size: int) -> list[Somebody]:
    """So many that may be in it are looked at, until some of them are: its own rule is asked of those alone."""
    while coarse := _coarse(asked.campaign, after, size):
        ids = [one.profile_id for one in coarse]
        inside = target.among(asked.campaign, ids, now=asked.now, zone=asked.zone)
        if found := [one for one in coarse if one.profile_id in inside]:
            return found
        after = ids[-1]
    return []


def _coarse(campaign: Campaign, after: int, size: int) -> list[Somebody]:
    looked = fill(
        "select p.id, coalesce({address}, '') from profiles_profile p where {coarse} and p.id > {after}"
        " order by p.id limit {size}",
        address=ADDRESS,
        coarse=target.coarse_sql(campaign),
        after=after,
        size=size,
    )
    return [Somebody(*row) for row in rows(looked)]
