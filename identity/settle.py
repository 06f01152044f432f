"""Makes profiles equal to the groups: new ones, merges, splits, moved rows, dropped identifiers, the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cdp.common.copying import Cursor, numbers, texts, times
from cdp.profiles.apply import recompute as recompute_traits
from identity import ledger
from identity.assign import NEW, Assigned, Held, assign
from identity.component import Component
from identity.grouping import Grouped, grouped
from identity.ledger import Cause, Entry
from identity.models import Merge
from identity.move import Move, move, recompute
from identity.rules import Rules

NEVER = datetime.max.replace(tzinfo=UTC)
MERGED, PARTED = "merge", "unmerge"
"""What is said of touched profiles, in place of a fact's name."""


@dataclass(frozen=True, slots=True)
class Settled:
    """`profile_of` each record of the component; `touched` says of profiles that changed hands how."""

    profile_of: dict[int, int]
    touched: dict[int, str] = field(default_factory=dict)
    merge_ids: list[int] = field(default_factory=list)


def settle(
    cursor: Cursor, found: Component, resting: Sequence[int], rules: Rules, cause: Cause, *, now: datetime
) -> Settled:
    """The caller holds the identity lock and those of all profiles of the component, and has read its edges."""
    result = grouped(found.known(), rules)
    assigned = assign(result.groups, found.held, resting=resting)
    homes = _with_new(cursor, result, assigned, found, now=now)
    profile_of = {record: homes[i] for i, group in enumerate(result.groups) for record in group}
    _write_records(cursor, [one for one in found.held.values() if not one.profile], profile_of)
    _write_edges(cursor, found, result, profile_of)
    _write_ties(cursor, found, result)
    moves = [
        Move(one.record, one.profile, profile_of[one.record])
        for one in found.held.values()
        if one.profile and one.profile != profile_of[one.record]
    ]
    heirs = {profile: homes[group] for profile, group in assigned.heirs.items()}
    if not moves:
        return Settled(profile_of)
    change = _Change(found, result, assigned, homes, heirs, frozenset(resting), rules)
    return _change(cursor, change, moves, profile_of, cause, now=now)


@dataclass(frozen=True, slots=True)
class _Change:
    found: Component
    result: Grouped
    assigned: Assigned
    homes: list[int]
    heirs: dict[int, int]
    resting: frozenset[int]
    rules: Rules


def _with_new(cursor: Cursor, result: Grouped, assigned: Assigned, found: Component, *, now: datetime) -> list[int]:
    """The profile of each group; those that have none yet are made."""
    waiting = [i for i, profile in enumerate(assigned.profile_of) if profile == NEW]
    spans = [_span([found.held[record] for record in result.groups[i]]) for i in waiting]
    made = dict(zip(waiting, _create_profiles(cursor, spans, now=now), strict=True))
    return [made.get(i, profile) for i, profile in enumerate(assigned.profile_of)]


def _span(records: Sequence[Held]) -> tuple[datetime, datetime]:
    return min(one.first_at for one in records), max(one.last_at for one in records)


def _create_profiles(cursor: Cursor, spans: Sequence[tuple[datetime, datetime]], *, now: datetime) -> list[int]:
    if not spans:
        return []
    cursor.execute(
        "select nextval(pg_get_serial_sequence('profiles_profile', 'id')) from generate_series(1, %s)",
        [len(spans)],
    )
    ids = [row[0] for row in cursor.fetchall()]
    cursor.execute(
        "insert into profiles_profile (id, uuid, traits, first_seen_at, last_seen_at, created_at)"
        " select n.id, gen_random_uuid(), '{}', n.first_at, n.last_at, %s"
        " from unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[]) n(id, first_at, last_at)",
        [now, numbers(ids), times(first for first, _ in spans), times(last for _, last in spans)],
    )
    return ids


def _write_records(cursor: Cursor, new: Sequence[Held], profile_of: dict[int, int]) -> None:
    if not new:
        return
    cursor.execute(
        "insert into profiles_record (id, source_id, key, profile_id, home_id, traits, first_seen_at, last_seen_at)"
        " select n.id, n.source_id, n.key, n.profile_id, n.profile_id, '{}', n.first_at, n.last_at from unnest("
        "%s::bigint[], %s::bigint[], %s::text[], %s::bigint[], %s::timestamptz[], %s::timestamptz[])"
        " n(id, source_id, key, profile_id, first_at, last_at)",
        [
            numbers(one.record for one in new),
            numbers(one.key[0] for one in new),
            texts([one.key[1] for one in new]),
            numbers(profile_of[one.record] for one in new),
            times(one.first_at for one in new),
            times(one.last_at for one in new),
        ],
    )


def _write_edges(cursor: Cursor, found: Component, result: Grouped, profile_of: dict[int, int]) -> None:
    """Fresh edges, and those that are dropped now and were not, or the other way round."""
    rows = []
    for record in found.held:
        stored, fresh = found.stored.get(record, {}), found.fresh.get(record, {})
        for value in stored.keys() | fresh.keys():
            at, why = stored.get(value, (NEVER, ""))
            first, now_for = min(at, fresh.get(value, at)), result.dropped.get((record, *value), "")
            if first != at or now_for != why:
                rows.append((*value, record, first, str(now_for)))
    if not rows:
        return
    rows.sort()
    cursor.execute(
        "insert into profiles_identifier (namespace, value, record_id, profile_id, first_seen_at, dropped_for)"
        " select * from unnest(%s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::timestamptz[], %s::text[])"
        " on conflict (namespace, value, record_id) do update set first_seen_at = excluded.first_seen_at,"
        " dropped_for = excluded.dropped_for",
        [
            texts([row[0] for row in rows]),
            texts([row[1] for row in rows]),
            numbers(row[2] for row in rows),
            numbers(_holder(found, row[2], profile_of) for row in rows),
            times(row[3] for row in rows),
            texts([row[4] for row in rows]),
        ],
    )


def _holder(found: Component, record: int, profile_of: dict[int, int]) -> int:
    """A fresh edge of a known record is written beside its other rows and moves with them."""
    return found.held[record].profile or profile_of[record]


def _write_ties(cursor: Cursor, found: Component, result: Grouped) -> None:
    for pair, (_, why) in found.ties.items():
        now_for = result.dropped_ties.get(pair, "")
        if now_for != why:
            cursor.execute(
                "update identity_link set dropped_for = %s where record_a = %s and record_b = %s", [now_for, *pair]
            )


def _change(
    cursor: Cursor, change: _Change, moves: Sequence[Move], profile_of: dict[int, int], cause: Cause, *, now: datetime
) -> Settled:
    move(cursor, moves)
    alive = sorted({one.new for one in moves} | {one.old for one in moves if one.old not in change.heirs})
    gone = sorted({one.old for one in moves} - set(alive))
    revived = sorted(change.resting & set(change.homes))
    _inherit(cursor, change.heirs, revived)
    _give_homes(cursor, change, moves)
    _respan(cursor, alive)
    recompute(cursor, living=alive, gone=gone)
    entries = _entries(change, moves, gone, revived)
    merge_ids = ledger.write(cursor, entries, cause, now=now)
    why = {profile: f"merge:{row}" for one, row in zip(entries, merge_ids, strict=True) for profile in one.profiles}
    recompute_traits(cursor, alive, cause=why, now=now)
    parted = {profile for one in entries if one.verb is not Merge.Verb.MERGED for profile in one.profiles}
    touched = {profile: PARTED if profile in parted else MERGED for profile in [*alive, *gone]}
    return Settled(profile_of, touched, merge_ids)


def _inherit(cursor: Cursor, heirs: dict[int, int], revived: Sequence[int]) -> None:
    """Those who are gone keep answering: they, and whoever was merged into them, point at who has their records."""
    if revived:
        cursor.execute(
            "update profiles_profile set merged_into = null where id = any(%s::bigint[])", [numbers(revived)]
        )
    if heirs:
        ids = sorted(heirs)
        cursor.execute(
            "with h as materialized (select * from unnest(%s::bigint[], %s::bigint[]) h(id, heir))"
            " update profiles_profile p set merged_into = h.heir from h"
            " where (p.id = h.id or (p.merged_into = h.id and p.id not in (select id from h)))"
            " and p.merged_into is distinct from h.heir",
            [numbers(ids), numbers(heirs[one] for one in ids)],
        )


def _give_homes(cursor: Cursor, change: _Change, moves: Sequence[Move]) -> None:
    """A profile made for records that were split off is theirs from now on."""
    made = {profile for profile, old in zip(change.homes, change.assigned.profile_of, strict=True) if old == NEW}
    rows = [one for one in moves if one.new in made]
    if rows:
        cursor.execute(
            "update profiles_record r set home_id = n.home from unnest(%s::bigint[], %s::bigint[]) n(id, home)"
            " where r.id = n.id",
            [numbers(one.record for one in rows), numbers(one.new for one in rows)],
        )


def _respan(cursor: Cursor, profile_ids: Sequence[int]) -> None:
    cursor.execute(
        "update profiles_profile p set first_seen_at = r.first_at, last_seen_at = r.last_at from (select profile_id,"
        " min(first_seen_at) first_at, max(last_seen_at) last_at from profiles_record"
        " where profile_id = any(%s::bigint[]) group by 1) r where p.id = r.profile_id"
        " and (p.first_seen_at, p.last_seen_at) is distinct from (r.first_at, r.last_at)",
        [numbers(profile_ids)],
    )


def _entries(change: _Change, moves: Sequence[Move], gone: Sequence[int], revived: Sequence[int]) -> list[Entry]:
    by_way: dict[tuple[int, int], list[int]] = {}
    for one in moves:
        by_way.setdefault((one.old, one.new), []).append(one.record)
    made = {profile for profile, old in zip(change.homes, change.assigned.profile_of, strict=True) if old == NEW}
    members = dict(zip(change.homes, change.result.groups, strict=True))
    entries = []
    for (old, new), records in sorted(by_way.items()):
        proof = ledger.evidence(change.found, change.result, change.rules, records, members[new])
        if old in gone and change.heirs.get(old) == new:
            before = set(members[new]) - set(records)
            entries.append(Entry(Merge.Verb.MERGED, new, old, sorted(records), sorted(before), proof))
        elif new in revived or new in made:
            verb = Merge.Verb.UNMERGED if new in revived else Merge.Verb.SPLIT
            entries.append(Entry(verb, old, new, sorted(records), (), proof))
        else:
            entries.append(Entry(Merge.Verb.MOVED, new, old, sorted(records), (), proof))
    return entries
