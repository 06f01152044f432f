"""What planning asks of people: who they are now, where to write, and which clock is theirs."""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.db import connection

from cdp.common.copying import numbers
from cdp.rules.zones import TRAIT, zone_called

# Locked, so that a merge waits for the rows that it has to move; in the order in which merges lock.
_LIVING = "select id, merged_into from profiles_profile where id = any(%s::bigint[]) order by id for key share"
_KNOWN = """
select p.id, coalesce(p.address, ''), p.zone, (
  select i.record_id from profiles_identifier i
   where i.namespace = 'email' and i.value = p.address and i.profile_id = p.id and i.dropped_for = ''
   order by i.first_seen_at, i.record_id limit 1)
  from (select id, traits ->> %s as zone, case when traits ->> 'email' like '%%_@_%%'
               then lower(trim(traits ->> 'email')) end as address
          from profiles_profile where id = any(%s::bigint[]) and merged_into is null) p
"""


@dataclass(frozen=True, slots=True)
class Known:
    profile_id: int
    address: str
    """Empty: none."""
    record_id: int | None
    """The record the address came from."""
    zone: ZoneInfo


def resolved(profile_ids: Sequence[int]) -> dict[int, int]:
    """Each who lives, or became part of somebody who does → that living one, locked until the transaction ends."""
    found: dict[int, int] = {}
    asked = {one: one for one in profile_ids}
    while asked:
        with connection.cursor() as cursor:
            cursor.execute(_LIVING, [numbers(sorted(set(asked.values())))])
            into = dict(cursor.fetchall())
        found |= {one: now for one, now in asked.items() if now in into and into[now] is None}
        asked = {one: into[now] for one, now in asked.items() if into.get(now) is not None}
    return found


def known_of(profile_ids: Sequence[int], *, zone: ZoneInfo) -> list[Known]:
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, [TRAIT, numbers(profile_ids)])
        return [Known(pk, address, record, zone_called(said, zone)) for pk, address, said, record in cursor.fetchall()]
