"""New and changed records, within seconds: find those like them, weigh, link or ask, and regroup.

The same levels, weights and guards as in a full pass; only who is compared with whom is found by keys. A claim's
effects and the deletion of its rows in the queue are one transaction, and one worker at a time does it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from cdp.common.copying import Cursor
from cdp.common.models import Job
from identity import block_rows, candidates, waiting
from identity.candidates import Relinked
from identity.judge import Judge
from identity.locks import lock_identity
from identity.models import Merge
from identity.reading import read
from identity.record_values import Compared, all_columns
from identity.regroup import regroup
from identity.rule_sets import current
from identity.rules import Rules
from identity.standing import restate

CLAIM = 500
MATCH_LOCK = 7_305_004
JOB = "match"
"""The kind of a full pass's job."""
MOST_LIKELY = 5_000
"""Pairs around a record beyond which nobody looks further: that is no person."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """What one claim did."""

    records: int = 0
    pairs: int = 0
    linked: int = 0
    unlinked: int = 0
    passed_over: int = 0
    """Keys that too many records have."""


def resolve_waiting(*, now: datetime, limit: int = CLAIM) -> Resolved:
    """The oldest records of the queue. Nothing if another worker is at it."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s)", [MATCH_LOCK])
        claimed = waiting.claim(cursor, limit=limit) if cursor.fetchone()[0] else []
        return _resolve(cursor, claimed, current(cursor), now=now) if claimed else Resolved()


def lock_matching(cursor: Cursor) -> None:
    """Until commit. Taken before the identity lock."""
    cursor.execute("select pg_advisory_xact_lock(%s)", [MATCH_LOCK])


def _resolve(cursor: Cursor, claimed: Sequence[int], rules: Rules, *, now: datetime) -> Resolved:
    fuzzy = rules.fuzzy
    if Job.objects.filter(kind=JOB, state=Job.State.RUNNING).exists():
        waiting.hold(cursor, claimed, now=now)
    values = read(cursor, claimed, fuzzy.kinds)
    block_rows.put(cursor, claimed, values, all_columns(fuzzy.kinds))
    if not fuzzy.is_on:
        return Resolved(len(claimed))
    earlier = candidates.touching(cursor, claimed)
    found = block_rows.find(cursor, values)
    pairs = found.pairs | earlier
    values |= read(cursor, {record for pair in pairs for record in pair} - values.keys(), fuzzy.kinds)
    judge = Judge.of(cursor, values, fuzzy)
    kept = judge.weigh(pairs) if judge else []
    done = Relinked()
    if kept or earlier:
        # Whoever decides on a pair takes this lock before its row; taken later, two could wait for each other.
        lock_identity(cursor)
        candidates.replace(cursor, claimed, kept, model_id=judge.model_id if judge else None, now=now)
        near = {*claimed, *(record for pair in earlier for record in pair)}
        done = _relink(cursor, near, values, rules, now=now)
    return Resolved(len(claimed), len(pairs), len(done.added), len(done.removed), found.passed_over)


def _relink(cursor: Cursor, near: set[int], values: Mapping[int, Compared], rules: Rules, *, now: datetime) -> Relinked:
    """Links, of all that is connected with these records, what belongs together as a whole."""
    fuzzy = rules.fuzzy
    likely = candidates.likely(cursor, near, link=fuzzy.link, most=MOST_LIKELY)
    members = {record for pair in likely for record in pair}
    known = {record: values[record] for record in members & values.keys()}
    judge = Judge.of(cursor, {**known, **read(cursor, members - known.keys(), fuzzy.kinds)}, fuzzy) if members else None
    wanted = judge.together(likely) if judge else {}
    done = candidates.relink(cursor, near | members, wanted, now=now)
    moved = candidates.across(cursor, done.added) | {record for pair in done.removed for record in pair}
    if moved:
        regroup(cursor, moved, how=Merge.How.FUZZY, by="system", now=now)
    restate(cursor, near | members, rules)
    return done
