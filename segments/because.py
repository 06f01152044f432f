"""Why a full refresh found what it found: news that still waited, what happened since the last one, time; else a fault.

Live segments follow news one by one, so what has no news left was missed. Scheduled ones do not hear news: of those who
changed, and only of those, what happened since `as_of` is looked up, so that triggers react to it as to live ones.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from cdp.common.copying import Cursor, numbers
from cdp.rules.sets import crossing
from cdp.rules.tree import Node, Scope, depends
from segments.difference import Change
from segments.facts import ALWAYS, MERGE, UNMERGE, add, cause_of, own_queue
from segments.models import Cause, Segment

READER = "segments"

Whys = dict[str, dict[int, Cause]]
_ANY = "any"


def explained(cursor: Cursor, segment: Segment, node: Node, changes: Sequence[Change], *, scope: Scope) -> list[Change]:
    """The same changes with their causes. The caller holds the segment's lock."""
    ids = sorted(one.profile_id for one in changes)
    if not ids or segment.as_of is None:
        return list(changes)
    names = depends(node) | ALWAYS
    whys: Whys = {}
    for profile_id, cause in _waiting(cursor, segment.pk, ids, names):
        add(whys, profile_id, _ANY, cause)
    for profile_id in crossing(node, since=segment.as_of, until=scope.now, zone=scope.zone, ids=ids):
        add(whys, profile_id, _ANY, Cause.TIME)
    otherwise = Cause.REPAIR
    if segment.is_scheduled:
        otherwise = Cause.TRAIT
        for profile_id, cause in _since(cursor, segment, ids, names):
            add(whys, profile_id, _ANY, cause)
    known = whys.get(_ANY, {})
    return [replace(one, cause=known.get(one.profile_id, otherwise)) for one in changes]


def _waiting(
    cursor: Cursor, segment_id: int, ids: Collection[int], names: Collection[str]
) -> Iterable[tuple[int, Cause]]:
    """News of them that no refresh has taken yet."""
    cursor.execute(
        "select t.profile_id, t.reader, t.names::text, coalesce(p.created_at >= t.at, false) from profiles_touched t"
        " left join profiles_profile p on p.id = t.profile_id"
        " where t.reader in (%s, %s) and t.profile_id = any(%s::bigint[])",
        [READER, own_queue(segment_id), numbers(ids)],
    )
    for profile_id, reader, text, is_new in cursor.fetchall():
        told = json.loads(text)
        found = {name: cause_of(name) for name in told} if reader == READER else {k: Cause(v) for k, v in told.items()}
        yield from ((profile_id, cause) for name, cause in found.items() if is_new or name in names)


def _since(
    cursor: Cursor, segment: Segment, ids: Collection[int], names: Collection[str]
) -> Iterable[tuple[int, Cause]]:
    """What happened to them since the segment was last refreshed, as far as its rule asks for it."""
    assert segment.as_of is not None
    since, who = segment.as_of, numbers(ids)
    cursor.execute(
        "select distinct profile_id from events_event"
        " where profile_id = any(%s::bigint[]) and name = any(%s) and received_at > %s",
        [who, _of_kind("event:", names), since],
    )
    yield from ((row[0], Cause.EVENT) for row in cursor.fetchall())
    cursor.execute(
        "select distinct profile_id from profiles_profilechange"
        " where profile_id = any(%s::bigint[]) and what = any(%s) and at > %s",
        [who, _of_kind("trait:", names), since],
    )
    yield from ((row[0], Cause.TRAIT) for row in cursor.fetchall())
    cursor.execute(
        "select loser_id, undone_at is not null from identity_merge"
        " where loser_id = any(%(who)s::bigint[]) and (at > %(since)s or undone_at > %(since)s)"
        " union select winner_id, undone_at is not null from identity_merge"
        " where winner_id = any(%(who)s::bigint[]) and (at > %(since)s or undone_at > %(since)s)",
        {"who": who, "since": since},
    )
    yield from ((row[0], Cause(UNMERGE if row[1] else MERGE)) for row in cursor.fetchall())


def _of_kind(prefix: str, names: Collection[str]) -> list[str]:
    return sorted(name.removeprefix(prefix) for name in names if name.startswith(prefix))
