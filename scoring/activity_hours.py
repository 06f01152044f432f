"""What people did by hour of day, in each one's own time zone: what send hours are learned from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from cdp.analytics import visits
from cdp.common.copying import numbers
from cdp.rules import zones
from cdp.rules.sql import Sql, fill
from scoring.columns import Numbers
from scoring.estimators.send_hour import HOURS

OPENED = "Email Opened"
CLICKED = ("Email Link Clicked", "Push Notification Tapped")
WEIGHTS = {**dict.fromkeys(CLICKED, 1.0), "Order Completed": 0.75}
"""A click says most of when messages are answered. Opens and visits count OTHERWISE."""
OTHERWISE = 0.5
NOT_DONE = tuple(name for name in visits.WITHOUT if name != OPENED)
"""What was done to people, not by them."""
MEMORY = timedelta(days=180)
HALF_LIFE = timedelta(days=60)
AT_ONCE = timedelta(seconds=5)
"""What follows a delivery so soon was done by a machine that looks through the mail first."""
MACHINE = (
    "(e.name = any({mail}) and (lower(coalesce(e.properties->>'machine_open', e.properties->>'sg_machine_open',"
    " e.properties->>'is_machine')) in ('true', '1') or e.context->>'userAgent' = 'Mozilla/5.0'"
    " or exists (select 1 from events_event d where d.profile_id = e.profile_id and d.name = 'Email Delivered'"
    " and d.occurred_at <= e.occurred_at and d.occurred_at >= e.occurred_at - {at_once}::interval)))"
)
"""Marked by the mail service; or with the bare user agent of Apple's mail privacy; or at once after the delivery."""
COUNTRY = "upper(coalesce(p.traits->>'country', p.traits->'address'->>'country', ''))"


@dataclass(frozen=True)
class Activity:
    """Of people with some."""

    ids: NDArray[np.int64]
    counts: Numbers
    """(people, 24): weighted, by hour of their own day."""
    groups: tuple[str, ...]
    """Each one's country; empty where not known."""


def activity(
    now: datetime, *, zone: ZoneInfo, ids: Sequence[int], since: datetime | None = None, fades: bool = True
) -> Activity:
    """Of those among `ids` who did something in (since, now]; by default in MEMORY. What happens within one hour
    counts once; where it `fades`, half as much after each HALF_LIFE."""
    sql = fill(
        "select s.id, max(s.country), extract(hour from s.slot)::int as hour, sum(s.weight)::float8 from"
        " (select w.id, w.country, date_trunc('hour', e.occurred_at at time zone w.zone) as slot,"
        " max({weight} * {fading}) as weight"
        " from (select p.id, {country} as country, {own_zone} as zone from profiles_profile p"
        "  where p.id = any({ids}::bigint[]) and p.merged_into is null) w"
        " join events_event e on e.profile_id = w.id"
        " where e.occurred_at > {since} and e.occurred_at <= {now} and e.name <> all({without})"
        " and {machine} is not true"
        " group by w.id, w.country, slot) s group by s.id, hour order by s.id",
        weight=_weight(),
        fading=_fading(now) if fades else Sql("1.0"),
        country=Sql(COUNTRY),
        own_zone=_own_zone(zone),
        ids=numbers(ids),
        since=since or now - MEMORY,
        now=now,
        without=list(NOT_DONE),
        machine=fill(MACHINE, mail=[OPENED, CLICKED[0]], at_once=AT_ONCE),
    )
    with connection.cursor() as cursor:
        cursor.execute(sql.text, sql.values)
        return _table(cursor.fetchall())


def chunks_of_people(size: int) -> Iterator[list[int]]:
    """All living profiles, by id."""
    after = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "select id from profiles_profile where merged_into is null and id > %s order by id limit %s",
                [after, size],
            )
            ids = [row[0] for row in cursor.fetchall()]
        if not ids:
            return
        yield ids
        after = ids[-1]


def drawn_people(size: int, *, seed: int, since: datetime) -> list[int]:
    """By chance, among those seen since."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select id from profiles_profile where merged_into is null and last_seen_at > %s"
            " order by hashint8extended(id, %s), id limit %s",
            [since, seed, size],
        )
        return sorted(row[0] for row in cursor.fetchall())


def groups_of(ids: Sequence[int]) -> dict[int, str]:
    """Profile → country, of those where one is known."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"select p.id, {COUNTRY} from profiles_profile p where p.id = any(%s::bigint[]) and {COUNTRY} <> ''",
            [numbers(ids)],
        )
        return dict(cursor.fetchall())


def _weight() -> Sql:
    names, weights = list(WEIGHTS), list(WEIGHTS.values())
    return fill(
        "coalesce(({weights}::float8[])[array_position({names}::text[], e.name)], {otherwise})",
        weights=weights,
        names=names,
        otherwise=OTHERWISE,
    )


def _fading(now: datetime) -> Sql:
    age = fill("extract(epoch from {now}::timestamptz - e.occurred_at)::float8", now=now)
    return fill("power(0.5, {age} / {half_life})", age=age, half_life=HALF_LIFE.total_seconds())


def _own_zone(otherwise: ZoneInfo) -> Sql:
    """Names that both Python and PostgreSQL know: another name is an error in one of them."""
    with connection.cursor() as cursor:
        cursor.execute("select name from pg_timezone_names")
        names = sorted({row[0] for row in cursor.fetchall()} & zones.known().keys())
    return fill(
        "case when p.traits->>{trait} = any({names}) then p.traits->>{trait} else {otherwise} end",
        trait=zones.TRAIT,
        names=names,
        otherwise=otherwise.key,
    )


def _table(rows: list[tuple[int, str, int, float]]) -> Activity:
    ids, where = np.unique(np.array([row[0] for row in rows], dtype=np.int64), return_inverse=True)
    counts = np.zeros((len(ids), HOURS))
    groups = [""] * len(ids)
    for place, (_, country, hour, weight) in zip(where.tolist(), rows, strict=True):
        counts[place, hour] = weight
        groups[place] = country
    return Activity(ids, counts, tuple(groups))
