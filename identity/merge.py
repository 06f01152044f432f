"""Two or more profiles become one: every declared table follows, in the transaction of the evidence."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from cdp.common.belongings import OnMerge, declared
from cdp.common.copying import Cursor
from cdp.profiles.apply import recompute


def merge(cursor: Cursor, profile_ids: Sequence[int], *, evidence: dict[str, Any], now: datetime) -> int:
    """Merges into the profile first seen earliest (then smallest record key) and returns its id.

    The caller holds the identity lock.
    """
    cursor.execute("select id from profiles_profile where id = any(%s) order by id for update", [list(profile_ids)])
    winner = earliest(cursor, profile_ids)
    losers = sorted(set(profile_ids) - {winner})
    for belonging in declared():
        if belonging.on_merge is OnMerge.MOVE_BY_RECORD:
            move_rows(cursor, belonging.table, losers, winner)
    _close(cursor, losers, winner)
    for belonging in declared():
        if belonging.on_merge is OnMerge.RECOMPUTE:
            cursor.execute(f"delete from {belonging.table} where profile_id = any(%s)", [losers])
            if belonging.recompute:
                belonging.recompute([winner])
    merge_id = _record(cursor, losers, winner, evidence=evidence, now=now)
    recompute(cursor, [winner], cause=f"merge:{merge_id}", now=now)
    return winner


def earliest(cursor: Cursor, profile_ids: Sequence[int]) -> int:
    cursor.execute(
        "select p.id from profiles_profile p where p.id = any(%s) order by p.first_seen_at,"
        " (select min(r.key) from profiles_record r where r.profile_id = p.id), p.id limit 1",
        [list(profile_ids)],
    )
    return int(cursor.fetchone()[0])


def move_rows(cursor: Cursor, table: str, losers: Sequence[int], winner: int) -> None:
    """Delete … returning and insert, because the distribution key of a sharded table cannot be updated."""
    columns = _columns(cursor, table)
    kept = ", ".join(column for column in columns if column != "profile_id")
    cursor.execute(
        f"with moved as (delete from {table} where profile_id = any(%s) returning *)"
        f" insert into {table} (profile_id, {kept}) select %s, {kept} from moved",
        [list(losers), winner],
    )


def _columns(cursor: Cursor, table: str) -> list[str]:
    cursor.execute(
        "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped"
        " order by attnum",
        [table],
    )
    return [row[0] for row in cursor.fetchall()]


def _close(cursor: Cursor, losers: Sequence[int], winner: int) -> None:
    """The losers keep answering: they, and whoever was merged into them, now point at the winner."""
    cursor.execute(
        "update profiles_profile w set first_seen_at = least(w.first_seen_at, l.first_at),"
        " last_seen_at = greatest(w.last_seen_at, l.last_at) from (select min(first_seen_at) first_at,"
        " max(last_seen_at) last_at from profiles_profile where id = any(%s)) l where w.id = %s",
        [list(losers), winner],
    )
    cursor.execute(
        "update profiles_profile set merged_into = %s where id = any(%s) or merged_into = any(%s)",
        [winner, list(losers), list(losers)],
    )


def _record(cursor: Cursor, losers: Sequence[int], winner: int, *, evidence: dict[str, Any], now: datetime) -> int:
    cursor.execute(
        "insert into identity_merge (winner_id, loser_id, evidence, at, xact_id)"
        " select %s, loser, %s, %s, pg_current_xact_id()::text::bigint from unnest(%s::bigint[]) loser returning id",
        [winner, json.dumps(evidence), now, list(losers)],
    )
    return int(cursor.fetchall()[-1][0])
