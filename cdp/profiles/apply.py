"""What records say becomes traits: merged per record by time, then picked for the profile, with history."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from cdp.common.copying import Cursor, copy_rows, numbers, texts, times
from cdp.profiles import rules
from cdp.profiles.sightings import Said, Sighting, is_newer
from cdp.profiles.survivorship import RecordTraits, Winner, survivors
from cdp.profiles.words import Ledger, told

CHANGE_COLUMNS = ("profile_id", "record_id", "what", "old", "new", "cause", "at")


def apply(cursor: Cursor, sightings: Sequence[Sighting], *, now: datetime) -> dict[int, set[str]]:
    """Writes records, profiles and history. The profiles are locked by the caller.

    Returns the names of the golden traits that changed, per profile.
    """
    spoken = [one for one in sightings if one.traits]
    causes = _apply_to_records(cursor, spoken, now=now)
    _see(cursor, sightings)
    return recompute(cursor, {one.profile_id for one in spoken if one.record_id in causes}, now=now, causes=causes)


def _apply_to_records(cursor: Cursor, spoken: Sequence[Sighting], *, now: datetime) -> dict[int, dict[str, Said]]:
    """Keeps what is newer than known, and all that could be rolled back in the ledger. Returns what was kept, per
    record."""
    if not spoken:
        return {}
    cursor.execute(
        "select id, traits::text from profiles_record where id = any(%s)", [[one.record_id for one in spoken]]
    )
    known = {record_id: json.loads(traits) for record_id, traits in cursor.fetchall()}
    kept: dict[int, dict[str, Said]] = {}
    ledger = Ledger(now)
    for one in spoken:
        traits = known[one.record_id]
        news = {name: said for name, said in one.traits.items() if _is_news(traits.get(name), said)}
        ledger.add(one, list(told(one, traits, news)))
        if news:
            one.changed.update(name for name, said in news.items() if _is_other(traits.get(name), said))
            traits.update((name, [said.value, iso(said.at)]) for name, said in news.items())
            kept[one.record_id] = news
    if kept:
        write_records(cursor, {record_id: known[record_id] for record_id in sorted(kept)})
    ledger.write(cursor)
    return kept


def write_records(cursor: Cursor, traits: Mapping[int, Mapping[str, Any]]) -> None:
    cursor.execute(
        "update profiles_record r set traits = n.traits"
        " from unnest(%s::bigint[], %s::jsonb[]) n(id, traits) where r.id = n.id",
        [numbers(traits), texts([json.dumps(one) for one in traits.values()])],
    )


def _is_news(known: list[Any] | None, said: Said) -> bool:
    return known is None or is_newer(said.value, said.at, known[0], datetime.fromisoformat(known[1]))


def _is_other(known: list[Any] | None, said: Said) -> bool:
    return known is None or known[0] != said.value


def iso(at: datetime) -> str:
    """One fixed form, so that times compare as text."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _see(cursor: Cursor, sightings: Sequence[Sighting]) -> None:
    """When records and their profiles were first and last seen, in one statement: every event passes here."""
    ordered = sorted((one for one in sightings if one.is_seen), key=lambda one: one.record_id)
    cursor.execute(
        "with n as materialized (select * from unnest(%s::bigint[], %s::bigint[], %s::timestamptz[],"
        " %s::timestamptz[]) n(record_id, profile_id, first_at, last_at)),"
        " r as (update profiles_record r set first_seen_at = least(r.first_seen_at, n.first_at),"
        " last_seen_at = greatest(r.last_seen_at, n.last_at) from n"
        " where r.id = n.record_id and (n.first_at < r.first_seen_at or n.last_at > r.last_seen_at))"
        " update profiles_profile p set first_seen_at = least(p.first_seen_at, g.first_at),"
        " last_seen_at = greatest(p.last_seen_at, g.last_at) from (select profile_id, min(first_at) first_at,"
        " max(last_at) last_at from n group by 1) g"
        " where p.id = g.profile_id and (g.first_at < p.first_seen_at or g.last_at > p.last_seen_at)",
        [
            numbers(one.record_id for one in ordered),
            numbers(one.profile_id for one in ordered),
            times(one.first_at for one in ordered),
            times(one.last_at for one in ordered),
        ],
    )


def recompute(
    cursor: Cursor,
    profile_ids: Iterable[int],
    *,
    now: datetime,
    causes: dict[int, dict[str, Said]] | None = None,
    cause: str | Mapping[int, str] = "",
) -> dict[int, set[str]]:
    """Picks the golden traits of these profiles anew from their records; writes what differs, with history.

    A change is dated by the word that caused it, where a word did; by `now` where `cause` did, which is one for all
    or one for each profile.
    """
    ids = sorted(set(profile_ids))
    if not ids:
        return {}
    cursor.execute("select id, traits::text from profiles_profile where id = any(%s)", [ids])
    before = {profile_id: json.loads(traits) for profile_id, traits in cursor.fetchall()}
    records = records_of(cursor, ids)
    ruling = rules.load(cursor)
    after = {profile_id: survivors(records[profile_id], ruling) for profile_id in ids}
    changes = [
        change
        for profile_id in ids
        for change in _changes(
            profile_id,
            before[profile_id],
            after[profile_id],
            _said_of(records[profile_id], causes or {}),
            (_cause_of(cause, profile_id), now),
        )
    ]
    _write(cursor, after, changes)
    found: dict[int, set[str]] = {}
    for change in changes:
        found.setdefault(change[0], set()).add(change[2])
    return found


def records_of(cursor: Cursor, profile_ids: Sequence[int]) -> dict[int, list[tuple[int, int, RecordTraits]]]:
    """The records of these profiles: id, source, traits."""
    cursor.execute(
        "select profile_id, id, source_id, traits::text from profiles_record where profile_id = any(%s)",
        [list(profile_ids)],
    )
    found: dict[int, list[tuple[int, int, RecordTraits]]] = {profile_id: [] for profile_id in profile_ids}
    for profile_id, record_id, source_id, traits in cursor.fetchall():
        found[profile_id].append((record_id, source_id, json.loads(traits)))
    return found


def _said_of(
    records: Sequence[tuple[int, int, RecordTraits]], causes: dict[int, dict[str, Said]]
) -> dict[int, dict[str, Said]]:
    """What this batch said of one person."""
    return {record_id: causes[record_id] for record_id, _, _ in records if record_id in causes}


def _cause_of(cause: str | Mapping[int, str], profile_id: int) -> str:
    return cause if isinstance(cause, str) else cause.get(profile_id, "")


def _changes(
    profile_id: int,
    before: dict[str, Any],
    after: dict[str, Winner],
    causes: dict[int, dict[str, Said]],
    otherwise: tuple[str, datetime],
) -> list[tuple[Any, ...]]:
    rows = []
    for name in sorted(before.keys() | after.keys()):
        old, winner = before.get(name), after.get(name)
        new = winner.value if winner else None
        if old == new:
            continue
        said = _said(name, winner, causes)
        why, at = (said.cause, said.at) if said else otherwise
        record_id = winner.record_id if winner else None
        rows.append((profile_id, record_id, name[:200], _json(old), _json(new), why, at))
    return rows


def _said(name: str, winner: Winner | None, causes: dict[int, dict[str, Said]]) -> Said | None:
    """The winner's own word; else the newest of this person's words on it, which then made another win or none."""
    if winner is not None and name in causes.get(winner.record_id, {}):
        return causes[winner.record_id][name]
    said = [words[name] for words in causes.values() if name in words]
    return max(said, key=lambda one: one.at, default=None)


def _json(value: Any) -> str | None:
    return None if value is None else json.dumps(value)


def _write(cursor: Cursor, after: dict[int, dict[str, Winner]], changes: list[tuple[Any, ...]]) -> None:
    changed = sorted({change[0] for change in changes})
    if not changed:
        return
    traits = [json.dumps({name: winner.value for name, winner in after[profile_id].items()}) for profile_id in changed]
    cursor.execute(
        "update profiles_profile p set traits = n.traits"
        " from unnest(%s::bigint[], %s::jsonb[]) n(id, traits) where p.id = n.id",
        [numbers(changed), texts(traits)],
    )
    copy_rows(cursor, "profiles_profilechange", CHANGE_COLUMNS, changes)
