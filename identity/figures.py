"""How well people are recognised, counted over everybody: what the quality page shows."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from cdp.common import belongings
from cdp.common.belongings import OnMerge
from cdp.common.copying import Cursor
from identity.dropped import conflicts
from identity.quality import measure

DAYS, USUAL_DAYS = 90, 28
TIMES, LEAST = 5, 50
"""The alarm: more than so many times the usual, and more than so many."""
YOUNG = timedelta(days=7)
"""Before, there is no usual: the first import merges thousands."""
LARGEST, EXAMPLES = 10, 50
BUCKETS = ((1, 1), (2, 2), (3, 3), (4, 5), (6, 10), (11, 20), (21, 50), (51, 0))
"""Records per person, from and to."""
HOWS = ("exact", "fuzzy", "manual", "rules")
Figures = dict[str, Any]


def sizes(cursor: Cursor) -> Figures:
    """People by how many records they are made of, with some of each; and the largest."""
    cursor.execute(
        "with size as (select profile_id, count(*) n from profiles_record group by 1),"
        " bucket as (select *, width_bucket(n, %s::bigint[]) b from size)"
        " select b, count(*), sum(n), (array_agg(profile_id))[:%s] from bucket group by 1 order by 1",
        [[low for low, _ in BUCKETS], EXAMPLES],
    )
    rows = {row[0]: row[1:] for row in cursor.fetchall()}
    found = [
        {"from": low, "to": high, "people": rows[i][0], "records": int(rows[i][1]), "some": rows[i][2]}
        if i in rows
        else {"from": low, "to": high, "people": 0, "records": 0, "some": []}
        for i, (low, high) in enumerate(BUCKETS, start=1)
    ]
    cursor.execute(
        "select profile_id, count(*) from profiles_record group by 1 having count(*) > 1 order by 2 desc, 1 limit %s",
        [LARGEST],
    )
    return {"sizes": found, "largest": [list(row) for row in cursor.fetchall()]}


def joined(cursor: Cursor) -> Figures:
    """People by what holds their records together: a steward's link, else one by likeness, else identifiers."""
    cursor.execute(
        "with size as (select profile_id, count(*) n from profiles_record group by 1),"
        " linked as (select r.profile_id, bool_or(l.kind = 'manual') by_hand from identity_link l"
        "  join profiles_record r on r.id = l.record_a where l.dropped_for = '' group by 1)"
        " select case when n = 1 then 'single' when by_hand then 'manual' when by_hand is not null then 'fuzzy'"
        "  else 'exact' end, count(*), (array_agg(s.profile_id order by s.n desc))[:%s]"
        " from size s left join linked l on l.profile_id = s.profile_id group by 1",
        [EXAMPLES],
    )
    found = {how: {"people": 0, "some": []} for how in ("single", "exact", "fuzzy", "manual")}
    found |= {how: {"people": n, "some": some} for how, n, some in cursor.fetchall()}
    return {"joined": found}


def merges(cursor: Cursor, *, now: datetime) -> Figures:
    """Per day of 90: merges by how they came about, and people that were parted again."""
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    first = today - timedelta(days=DAYS - 1)
    days = [(first + timedelta(days=i)).date().isoformat() for i in range(DAYS)]
    cursor.execute(
        "select (at at time zone 'UTC')::date::text, case when verb = 'merged' then how else verb end, count(*)"
        " from identity_merge where at >= %s and at <= %s group by 1, 2",
        [first, now],
    )
    found = {(day, what): n for day, what, n in cursor.fetchall()}
    names = (*HOWS, "unmerged", "split")
    return {"days": days, "merges": {name: [found.get((day, name), 0) for day in days] for name in names}}


def rate(cursor: Cursor, found: Figures, *, now: datetime) -> Figures:
    """Merges by themselves in the last 24 hours beside the median day of the 28 before today.

    An alarm if more than TIMES as many and more than LEAST, once the first merge is YOUNG old.
    """
    cursor.execute(
        "select count(*) from identity_merge where verb = 'merged' and how in ('exact', 'fuzzy')"
        " and at > %s and at <= %s",
        [now - timedelta(days=1), now],
    )
    last = int(cursor.fetchone()[0])
    cursor.execute("select min(at) from identity_merge")
    since = cursor.fetchone()[0]
    by_themselves = [a + b for a, b in zip(found["merges"]["exact"], found["merges"]["fuzzy"], strict=True)]
    usual = usual_of(by_themselves[:-1])
    return {"last_24h": last, "usual": usual, "is_alarm": is_alarm(last, usual, known_for=now - (since or now))}


def usual_of(days: Sequence[int]) -> float:
    """Of whole days, the newest last."""
    return float(median(days[-USUAL_DAYS:])) if days else 0.0


def is_alarm(last_24h: int, usual: float, *, known_for: timedelta) -> bool:
    return known_for >= YOUNG and last_24h > LEAST and last_24h > TIMES * usual


def dropped(cursor: Cursor) -> Figures:
    return {"dropped": [[one.namespace, one.reason, one.n] for one in conflicts(cursor, most=None)]}


def queue(cursor: Cursor) -> Figures:
    """Pairs that wait for a steward, and since when the oldest does."""
    cursor.execute(
        "select count(*) filter (where state = 'open'), count(*) filter (where state = 'later'), min(found_at)"
        " from identity_candidate where state in ('open', 'later')"
    )
    waiting, later, oldest = cursor.fetchone()
    return {"queue": {"open": waiting, "later": later, "oldest_at": oldest.isoformat() if oldest else None}}


def accuracy(cursor: Cursor) -> Figures:
    """Estimated precision and recall of matching by likeness, with their intervals."""
    return {"accuracy": asdict(measure(cursor))}


def strays(cursor: Cursor) -> Figures:
    """Rows by table that name a profile that was merged away though they follow their record."""
    found = {}
    for one in belongings.declared():
        if one.on_merge is OnMerge.MOVE_BY_RECORD and not one.unique:
            cursor.execute(
                f"select count(*) from {one.table} t join profiles_profile p on p.id = t.profile_id"
                " where p.merged_into is not null"
            )
            found[one.table] = int(cursor.fetchone()[0])
    return {"strays": found}


def totals(found: Figures) -> Figures:
    return {name: sum(one[name] for one in found["sizes"]) for name in ("people", "records")}


Counter = Callable[[Cursor], Figures]
COUNTERS: tuple[Counter, ...] = (sizes, joined, dropped, queue, accuracy, strays)
