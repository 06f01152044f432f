"""How long things are kept: old events by name, opens and clicks, quarantine. Deleted at night, in small batches.

What is derived from events is computed anew from those that are left, in the transaction that deletes them, and whoever
follows the people is told: a count "ever" is a count of what is kept, however it is computed. Orders stay: they are the
shop's books.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from cdp.common.claims import give_back_when_idle
from cdp.common.copying import Cursor, numbers, texts
from cdp.common.jobs import working
from cdp.common.models import Job
from cdp.events.newest import NAMES
from cdp.events.state import COLUMNS
from cdp.privacy import silent
from cdp.privacy.models import Retention
from cdp.profiles.long_work import lock_living
from cdp.profiles.touched import touch

KIND = "retention"
What = Retention.What
BATCH = 2_000
MOST = 500_000
"""Events in one night's run: what is left goes the next night."""


Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Key:
    profile_id: int
    occurred_at: datetime
    message_id: str
    source_id: int


def rules() -> tuple[dict[str, int | None], int | None]:
    """Name → days (None: for ever), and the days of all others."""
    found = dict(Retention.objects.filter(what=What.EVENT).values_list("name", "days"))
    others = found.pop("", None)
    return found, others


def due(*, now: datetime) -> list[tuple[str, datetime, str]]:
    """Name of an event, before when its events go, and the name of the rule that says so."""
    own, others = rules()
    found = [(name, now - timedelta(days=days), name) for name, days in own.items() if days]
    if others:
        with connection.cursor() as cursor:
            cursor.execute(NAMES)
            found += [(name, now - timedelta(days=others), "") for (name,) in cursor.fetchall() if name not in own]
    return found


def run(*, now: datetime, most: int = MOST, report: Callable[[int], None] = lambda n: None) -> int:
    """Deletes what is too old, at most `most` events. Safe to stop at any time. Returns how many went."""
    total = 0
    for name, before, rule in due(now=now):
        gone = 0
        while total + gone < most:
            n = delete_batch(name, before, limit=min(BATCH, most - total - gone), now=now)
            if not n:
                break
            gone += n
            report(total + gone)
        _note(What.EVENT, rule, gone, now=now)
        total += gone
    return total


def tonight(*, clock: Clock) -> int:
    """Everything that has a rule, under a job that shows how far it is; no job where there is no rule."""
    if not Retention.objects.exclude(days=None).exists():
        return 0
    job = Job.objects.create(kind=KIND, title="Deleting what is older than it is kept", created_at=clock())
    with working(job.pk, clock=clock) as progress:
        n = run(now=clock(), report=progress.report)
        n += sum(delete_old(what, now=clock()) for what in _piles)
        n += silent.forget(now=clock())
        progress.report(n, total=n)
    return n


def _note(what: str, name: str, n: int, *, now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "update privacy_retention set deleted = deleted + %s, ran_at = %s where what = %s and name = %s",
            [n, now, what, name],
        )


def delete_batch(name: str, before: datetime, *, limit: int, now: datetime) -> int:
    """The oldest events of that name, with what hangs on them, in one transaction under their people's locks."""
    with transaction.atomic(), connection.cursor() as cursor:
        give_back_when_idle(cursor)
        keys = _oldest(cursor, name, before, limit)
        if not keys:
            return 0
        people = sorted({key.profile_id for key in keys})
        lock_living(cursor, people)
        n = _delete(cursor, keys)
        _recount(cursor, name, people)
        touch(cursor, {profile_id: {f"event:{name}"} for profile_id in people}, now=now)
        return n


def _oldest(cursor: Cursor, name: str, before: datetime, limit: int) -> list[Key]:
    cursor.execute(
        "select profile_id, occurred_at, message_id, source_id from events_event"
        " where name = %s and occurred_at < %s order by occurred_at limit %s",
        [name, before, limit],
    )
    return [Key(*row) for row in cursor.fetchall()]


def _delete(cursor: Cursor, keys: Sequence[Key]) -> int:
    values = [
        numbers(key.profile_id for key in keys),
        "{" + ",".join(key.occurred_at.isoformat() for key in keys) + "}",
        texts([key.message_id for key in keys]),
        numbers(key.source_id for key in keys),
    ]
    gone = 0
    for table in ("events_eventitem", "events_event"):
        cursor.execute(
            f"delete from {table} e using unnest(%s::bigint[], %s::timestamptz[], %s::text[], %s::bigint[])"
            " k(profile_id, occurred_at, message_id, source_id) where e.profile_id = k.profile_id"
            " and e.occurred_at = k.occurred_at and e.message_id = k.message_id and e.source_id = k.source_id",
            values,
        )
        gone = int(cursor.rowcount)
    return gone


def _recount(cursor: Cursor, name: str, people: Sequence[int]) -> None:
    cursor.execute(
        "delete from events_eventstate where profile_id = any(%s::bigint[]) and name = %s", [numbers(people), name]
    )
    cursor.execute(
        f"insert into events_eventstate ({COLUMNS}) select profile_id, name, count(*), count(value),"
        " coalesce(sum(value), 0), min(occurred_at), max(occurred_at) from events_event"
        " where profile_id = any(%s::bigint[]) and name = %s group by 1, 2",
        [numbers(people), name],
    )


_piles: dict[str, tuple[str, str]] = {}


def declare(what: str, table: str, column: str) -> None:
    """A table that nothing follows, and the column that says how old a row is."""
    _piles[what] = (table, column)


def delete_old(what: str, *, now: datetime, most: int = MOST) -> int:
    """Of what has no name: quarantine, opens and clicks."""
    table, column = _piles[what]
    rule = Retention.objects.filter(what=what, name="").exclude(days=None).first()
    if rule is None or rule.days is None:
        return 0
    total = 0
    while total < most:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                f"delete from {table} where ctid = any(array(select ctid from {table} where {column} < %s limit %s))",
                [now - timedelta(days=rule.days), BATCH],
            )
            n = int(cursor.rowcount)
        total += n
        if n < BATCH:
            break
    _note(what, "", total, now=now)
    return total
