"""The review queue: pairs of people who look like one, in an order, with filters; each pair of profiles once.

The pair of records that tells most of them stands for the two profiles: one that tells little may look alike only
because it says nothing else. What a steward put off comes last for a day.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db import connection

from identity.evidence import HIGHEST, LOWEST

PUT_OFF = timedelta(days=1)
MOST_AT_ONCE = 5_000
"""Pairs that are decided by one pattern."""
FIELDS_OF = 2_000
"""Candidates in which the fields that can be filtered by are looked up."""


class Sort(StrEnum):
    LIKELY = "likely"
    DOUBTFUL = "doubtful"
    NEW = "new"

    @property
    def rank(self) -> str:
        return RANKS[self]


RANKS = {
    Sort.LIKELY: "-probability",
    Sort.DOUBTFUL: "abs(weight)",
    Sort.NEW: "-extract(epoch from found_at)",
}
"""Smaller comes first. Doubtful ones teach the most: nearest to as likely as not."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which pairs, in which order; empty is all."""

    sort: Sort = Sort.LIKELY
    least: float | None = None
    most: float | None = None
    """Probabilities, 0 to 1."""
    same: str = ""
    different: str = ""
    """A compared field that agrees, that differs."""
    source_id: int | None = None
    domain: str = ""
    text: str = ""

    @property
    def is_narrowed(self) -> bool:
        return self != Wanted(sort=self.sort)


@dataclass(frozen=True, slots=True)
class Place:
    """A pair's place in the queue: `number` of `total`, and the candidates before and after it."""

    candidate_id: int
    number: int
    total: int
    previous_id: int | None
    next_id: int | None


PAIRS = """
with pair as (
  select c.id, c.weight, c.probability, c.found_at,
         c.state = 'later' and c.decided_at > %(put_off)s as is_later,
         least(a.profile_id, b.profile_id) as p, greatest(a.profile_id, b.profile_id) as q,
         a.source_id as source_a, b.source_id as source_b, jsonb_array_length(c.evidence) as told
    from identity_candidate c
    join profiles_record a on a.id = c.record_a
    join profiles_record b on b.id = c.record_b
   where c.state in ('open', 'later') and a.profile_id <> b.profile_id),
best as (select distinct on (p, q) * from pair order by p, q, told desc, probability desc, id)
"""

COMPARED = "exists (select 1 from identity_candidate k, jsonb_array_elements(k.evidence) e where k.id = best.id and"
FILTERS = {
    "least": "probability >= %(least)s",
    "most": "probability <= %(most)s",
    "source_id": "%(source_id)s in (source_a, source_b)",
    "same": f"{COMPARED} e->>'field' = %(same)s and coalesce(e->>'label', e->>'level') = any(%(highest)s))",
    "different": f"{COMPARED} e->>'field' = %(different)s and coalesce(e->>'label', e->>'level') = any(%(lowest)s))",
    "domain": "exists (select 1 from profiles_identifier i where i.profile_id in (p, q) and i.namespace = 'email'"
    " and lower(i.value) like %(domain)s)",
    "text": "(exists (select 1 from profiles_identifier i where i.profile_id in (p, q) and i.value ilike %(text)s)"
    " or exists (select 1 from profiles_profile o where o.id in (p, q) and o.traits::text ilike %(text)s))",
}


def place_of(wanted: Wanted, *, candidate_id: int | None = None, now: datetime) -> Place | None:
    """The place of this candidate, or of the first where it does not wait; None if nothing waits."""
    sql = (
        f"{PAIRS}, placed as (select id, row_number() over w as number, count(*) over () as total,"
        f" lag(id) over w as previous_id, lead(id) over w as next_id from best where {_where(wanted)}"
        f" window w as (order by is_later, {wanted.sort.rank}, id))"
        " select * from placed where id = %(at)s or number = 1 order by number desc limit 1"
    )
    rows = _rows(sql, wanted, now=now, at=candidate_id)
    return Place(*rows[0]) if rows else None


def ids_of(wanted: Wanted, *, now: datetime, limit: int = MOST_AT_ONCE) -> list[int]:
    """The candidates that stand for the pairs, in order."""
    sql = (
        f"{PAIRS} select id from best where {_where(wanted)} order by is_later, {wanted.sort.rank}, id limit %(limit)s"
    )
    return [row[0] for row in _rows(sql, wanted, now=now, limit=limit)]


@dataclass(frozen=True, slots=True)
class Pair:
    profile_ids: tuple[int, int]
    probability: float


@dataclass(frozen=True, slots=True)
class Summary:
    """What a decision about all of them would be about."""

    pairs: int
    people: int
    """Profiles in them, each once."""
    least: float
    most: float
    first: list[Pair]


def summary_of(wanted: Wanted, *, now: datetime, shown: int) -> Summary:
    sql = (
        f"{PAIRS} select p, q, probability from best where {_where(wanted)}"
        f" order by is_later, {wanted.sort.rank}, id limit %(limit)s"
    )
    pairs = [Pair((p, q), share) for p, q, share in _rows(sql, wanted, now=now, limit=MOST_AT_ONCE)]
    shares = [one.probability for one in pairs] or [0.0]
    profiles = {profile_id for one in pairs for profile_id in one.profile_ids}
    return Summary(len(pairs), len(profiles), min(shares), max(shares), pairs[:shown])


def left(wanted: Wanted, *, now: datetime) -> int:
    return int(_rows(f"{PAIRS} select count(*) from best where {_where(wanted)}", wanted, now=now)[0][0])


def compared_fields() -> list[str]:
    """What waiting pairs were compared by."""
    sql = (
        "select distinct e->>'field' from (select evidence from identity_candidate where state in ('open', 'later')"
        " order by id desc limit %s) c, jsonb_array_elements(c.evidence) e where e ? 'level' order by 1"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [FIELDS_OF])
        return [row[0] for row in cursor.fetchall()]


def _where(wanted: Wanted) -> str:
    parts = [sql for name, sql in FILTERS.items() if getattr(wanted, name) not in (None, "")]
    return " and ".join(parts) or "true"


def _rows(sql: str, wanted: Wanted, *, now: datetime, **more: Any) -> list[tuple[Any, ...]]:
    values = {
        "put_off": now - PUT_OFF,
        "least": wanted.least,
        "most": wanted.most,
        "same": wanted.same,
        "different": wanted.different,
        "source_id": wanted.source_id,
        "domain": f"%@{_escaped(wanted.domain.lower().removeprefix('@'))}",
        "text": f"%{_escaped(wanted.text)}%",
        "highest": sorted(HIGHEST),
        "lowest": sorted(LOWEST),
        **more,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
