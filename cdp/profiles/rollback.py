"""Takes back all words with one cause. In each record the newest word that is left counts again; people are picked
anew from their records, so what others said since stays. Nothing is deleted: undoing it lets the words count again.

Only traits are taken back. Records, identifiers, events and consent that came with the words stay.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from cdp.accounts.audit import record
from cdp.accounts.models import User
from cdp.common.copying import Cursor, numbers
from cdp.common.models import Job
from cdp.profiles import rules
from cdp.profiles.apply import iso, records_of, write_records
from cdp.profiles.foresee import Foreseen
from cdp.profiles.long_work import lock_living, settle
from cdp.profiles.lots import Lot
from cdp.profiles.models import Profile, Rollback
from cdp.profiles.remaining import Entry, Spoken, remaining
from cdp.profiles.restated import tell
from cdp.profiles.survivorship import RecordTraits, survivors

KIND, UNDO = "rollback", "rollback-undo"
SAYINGS = 250
"""Messages picked per transaction: with 1,000 the pipeline waited about a second for the people they are about."""
LOOKED_AT = 1_000
"""People whose traits a preview computes; where there are more, it says about how many change."""
Pair = tuple[int, str]
"""(record id, trait)"""
Entries = dict[int, dict[str, list[Entry]]]
"""Record id → trait → its ledger."""


class CannotRollBack(Exception):
    """It cannot be rolled back now."""

    def __init__(self, why: str) -> None:
        super().__init__(why)


@dataclass(frozen=True)
class Outlook:
    """What a rollback would do."""

    title: str
    words: int
    records: int
    first_at: datetime | None
    last_at: datetime | None
    foreseen: Foreseen
    hindrance: str


def outlook(lot: Lot) -> Outlook:
    """Raises NoSuchLot."""
    title, hindrance = lot.title, lot.hindrance
    where, values = lot.where
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "select coalesce(sum((select count(*) from jsonb_object_keys(w.traits))), 0), count(distinct record_id),"
            " count(distinct profile_id), min(at), max(at)"
            f" from profiles_saying w where {where} and w.withdrawn_by is null",
            values,
        )
        n, n_records, n_people, first_at, last_at = cursor.fetchone()
        found = Foreseen(people=n_people)
        cursor.execute(
            f"select profile_id from profiles_saying w where {where} and w.withdrawn_by is null"
            " group by 1 order by hashint8(profile_id), 1 limit %s",
            [*values, LOOKED_AT],
        )
        _look(cursor, lot, [row[0] for row in cursor.fetchall()], found)
    found.is_exact = found.looked_at >= n_people
    return Outlook(title, int(n), n_records, first_at, last_at, found, hindrance)


def _look(cursor: Cursor, lot: Lot, profile_ids: Sequence[int], found: Foreseen) -> None:
    where, values = lot.where
    cursor.execute(
        "select w.record_id, key from profiles_saying w, jsonb_object_keys(w.traits) key"
        f" where w.profile_id = any(%s) and {where} and w.withdrawn_by is null",
        [list(profile_ids), *values],
    )
    pairs = set(cursor.fetchall())
    entries = _entries(cursor, profile_ids, pairs, f"w.withdrawn_by is not null or ({where})", values)
    records, ruling = records_of(cursor, profile_ids), rules.load(cursor)
    for profile in Profile.objects.filter(pk__in=list(profile_ids)).order_by("pk"):
        left = [
            (record_id, source_id, _restated(traits, entries.get(record_id, {})))
            for record_id, source_id, traits in records[profile.pk]
        ]
        after = {name: winner.value for name, winner in survivors(left, ruling).items()}
        found.look(profile, after, lambda name: True)


def _entries(
    cursor: Cursor, profile_ids: Iterable[int], pairs: set[Pair], withdrawn: str, values: Sequence[Any]
) -> Entries:
    """The ledger of these traits of these records; `withdrawn` is the condition on w of what does not count."""
    cursor.execute(
        f"select w.record_id, w.traits::text, w.said_at, ({withdrawn}), w.replaced::text"
        " from profiles_saying w where w.profile_id = any(%s) and w.record_id = any(%s)",
        [*values, list(profile_ids), sorted({record_id for record_id, _ in pairs})],
    )
    found: Entries = {}
    for record_id, traits, said_at, is_withdrawn, replaced in cursor.fetchall():
        before = json.loads(replaced) if replaced else {}
        for name, value in json.loads(traits).items():
            if (record_id, name) in pairs:
                old = tuple(before[name]) if name in before else None
                entry = Entry(value, iso(said_at), is_withdrawn, old)
                found.setdefault(record_id, {}).setdefault(name, []).append(entry)
    return found


def _restated(traits: RecordTraits, entries: dict[str, list[Entry]]) -> dict[str, Spoken]:
    """A record's traits with what is left of those that have entries."""
    kept = {name: (value, at) for name, (value, at) in traits.items()}
    for name, found in entries.items():
        left = remaining(kept.get(name), found)
        if left is None:
            kept.pop(name, None)
        else:
            kept[name] = left
    return kept


@transaction.atomic
def roll_back(lot: Lot, *, actor: User | None, by: str = "", now: datetime) -> Rollback:
    """The caller rings the bell after commit. Raises NoSuchLot, CannotRollBack."""
    title = lot.title
    if why := lot.hindrance:
        raise CannotRollBack(why)
    if lot.until is not None and lot.until > now:
        raise CannotRollBack("The span must be over: choose an end that is not in the future.")
    job = _job(KIND, f"Rolling back {title}", lot, actor=actor, now=now)
    one = Rollback.objects.create(
        title=title[:200], cause=lot.cause, source_id=lot.source_id, since=lot.since, until=lot.until, job=job, at=now
    )
    details = {"cause": lot.cause or f"source:{lot.source_id}", **({"by": by} if by else {})}
    record(actor, verb="rolled back", target=title, details=details, now=now)
    return one


@transaction.atomic
def undo(one: Rollback, *, actor: User | None, now: datetime) -> Job:
    """The words count again, each as of the time it was said. The caller rings the bell after commit."""
    one = Rollback.objects.select_for_update(of=("self",)).select_related("job").get(pk=one.pk)
    if one.undo_job_id is not None or one.job.state != Job.State.DONE:
        raise CannotRollBack("Only a finished rollback can be undone, and only once.")
    job = _job(UNDO, f"Bringing back {one.title}", _lot_of(one), actor=actor, now=now)
    Rollback.objects.filter(pk=one.pk).update(undo_job=job)
    record(actor, verb="undid rollback", target=one.title, now=now)
    return job


def _job(kind: str, title: str, lot: Lot, *, actor: User | None, now: datetime) -> Job:
    where, values = lot.where
    with connection.cursor() as cursor:
        cursor.execute(f"select count(distinct w.profile_id) from profiles_saying w where {where}", values)
        total = cursor.fetchone()[0]
    return Job.objects.create(kind=kind, title=title[:200], total=total, created_by=actor, created_at=now)


def _lot_of(one: Rollback) -> Lot:
    return Lot(one.cause, one.source_id, one.since, one.until)


def batch(cursor: Cursor, job: Job, now: datetime) -> int | None:
    one = Rollback.objects.get(job=job)
    lot = _lot_of(one)
    where, values = lot.where
    found = _turn(cursor, job, (f"({where}) and w.withdrawn_by is null", values, one.pk), f"rollback:{one.pk}", now)
    if found is None:
        lot.forget()
    return found


def undo_batch(cursor: Cursor, job: Job, now: datetime) -> int | None:
    one = Rollback.objects.get(undo_job=job)
    return _turn(cursor, job, ("w.withdrawn_by = %s", [one.pk], None), f"rollback-undone:{one.pk}", now)


def _turn(
    cursor: Cursor, job: Job, marking: tuple[str, list[Any], int | None], cause: str, now: datetime
) -> int | None:
    """The next messages and their people. A row keeps its id when it moves with a merge, so none is passed over; a
    last round from the beginning finds those that were committed late."""
    where, values, mark = marking
    after = job.checkpoint.get("after", 0)
    cursor.execute(
        f"select w.id, w.profile_id from profiles_saying w where w.id > %s and {where} order by w.id limit %s",
        [after, *values, SAYINGS],
    )
    picked = cursor.fetchall()
    if not picked:
        job.checkpoint = {}
        return 0 if after else None
    living = lock_living(cursor, {profile_id for _, profile_id in picked})
    cursor.execute(
        "select count(*) from profiles_saying w where w.id = any(%s::bigint[]) and not w.profile_id = any(%s)",
        [numbers(number for number, _ in picked), sorted(living)],
    )
    if cursor.fetchone()[0]:
        return 0  # some moved while their old profile's lock was waited for: the next turn finds them there
    cursor.execute(
        f"update profiles_saying w set withdrawn_by = %s where w.profile_id = any(%s) and {where}"
        " returning w.record_id, w.traits::text",
        [mark, sorted(living), *values],
    )
    pairs = {(record_id, name) for record_id, traits in cursor.fetchall() for name in json.loads(traits)}
    _restate(cursor, living, pairs, now)
    changed = settle(cursor, living, cause=cause, now=now)
    job.checkpoint = {"after": picked[-1][0]}
    job.result = {"changed": int(job.result.get("changed", 0)) + changed}
    return len(living)


def _restate(cursor: Cursor, profile_ids: set[int], pairs: set[Pair], now: datetime) -> None:
    entries = _entries(cursor, profile_ids, pairs, "w.withdrawn_by is not null", [])
    records = [one for found in records_of(cursor, sorted(profile_ids)).values() for one in found]
    restated = {
        record_id: _restated(traits, entries[record_id]) for record_id, _, traits in records if record_id in entries
    }
    write_records(cursor, restated)
    tell(cursor, restated.keys(), now=now)
