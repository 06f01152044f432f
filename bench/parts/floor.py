"""The floor of the pipeline: the same writes in plain SQL from ready-made typed rows, nothing parsed or checked."""

from collections.abc import Sequence
from datetime import datetime
from threading import Thread
from time import perf_counter
from typing import Any

import psycopg2

from cdp.common.copying import copy_rows

CHUNK = 5_000
STAGE = (
    "create table floor_staged (chunk int, source_id bigint, message_id text, body_hash bigint, key text, kind text,"
    " name text, occurred_at timestamptz, item_id text, value numeric(14, 2), properties jsonb, context jsonb,"
    " plan text)"
)
STAGED = (
    *("chunk", "source_id", "message_id", "body_hash", "key", "kind", "name", "occurred_at"),
    *("item_id", "value", "properties", "context", "plan"),
)
STEPS = (
    "create temporary table taken on commit drop as select s.*, r.id record_id, r.profile_id from floor_staged s"
    " join profiles_record r on r.source_id = s.source_id and r.key = s.key where chunk = %(chunk)s",
    "delete from floor_staged where chunk = %(chunk)s",
    "insert into events_seenmessage select source_id, message_id, body_hash, %(now)s from taken"
    " order by source_id, message_id on conflict do nothing",
    "select id from profiles_profile where id in (select profile_id from taken) order by id for no key update",
    "update profiles_record r set last_seen_at = greatest(r.last_seen_at, t.at), traits = r.traits || t.traits from"
    " (select record_id, max(occurred_at) as at, coalesce(jsonb_object_agg('plan', jsonb_build_array(plan,"
    " occurred_at)) filter (where kind = 'identify'), '{}') traits from taken group by 1) t where r.id = t.record_id",
    "update profiles_profile p set last_seen_at = greatest(p.last_seen_at, t.at), traits = p.traits || t.traits from"
    " (select profile_id, max(occurred_at) as at, coalesce(jsonb_object_agg('plan', plan)"
    " filter (where kind = 'identify'), '{}') traits from taken group by 1) t where p.id = t.profile_id",
    "insert into profiles_profilechange (profile_id, record_id, what, old, new, cause, at) select profile_id,"
    " record_id, 'plan', null, to_jsonb(plan), 'message:' || message_id, occurred_at from taken"
    " where kind = 'identify'",
    "insert into events_event (profile_id, occurred_at, message_id, record_id, name, item_id, value, properties,"
    " context, source_id, received_at) select profile_id, occurred_at, message_id, record_id, name, item_id, value,"
    " properties, context, source_id, %(now)s from taken where kind = 'track'",
    "insert into events_eventstate as s (profile_id, name, n, valued, sum, first_at, last_at) select profile_id,"
    " name, count(*), count(value), coalesce(sum(value), 0), min(occurred_at), max(occurred_at)"
    " from taken where kind = 'track'"
    " group by 1, 2 order by 1, 2 on conflict (profile_id, name) do update set n = s.n + excluded.n,"
    " valued = s.valued + excluded.valued, sum = s.sum + excluded.sum, first_at = least(s.first_at, excluded.first_at),"
    " last_at = greatest(s.last_at, excluded.last_at)",
    "insert into profiles_touched (reader, profile_id, names, at) select 'segments', profile_id,"
    " jsonb_agg(distinct 'event:' || name), %(now)s from taken group by 2",
)


def stage(messages: Sequence[dict[str, Any]], *, source_id: int) -> int:
    """Lays the messages out as typed rows. Returns the number of chunks."""
    from django.db import connection

    from cdp.events.message import as_json

    with connection.cursor() as cursor:
        cursor.execute("drop table if exists floor_staged")
        cursor.execute(STAGE)
        rows = []
        for index, one in enumerate(messages):
            properties = one.get("properties", {})
            rows.append(
                (
                    index // CHUNK,
                    source_id,
                    one["messageId"],
                    index,
                    f"user:{one['userId']}",
                    one["type"],
                    one.get("event", ""),
                    one["timestamp"],
                    properties.get("product_id"),
                    None,
                    as_json(properties),
                    as_json(one.get("context", {})),
                    one.get("traits", {}).get("plan"),
                )
            )
        copy_rows(cursor, "floor_staged", STAGED, rows)
        cursor.execute("create index on floor_staged (chunk)")
        cursor.execute("analyze floor_staged")
    return (len(messages) + CHUNK - 1) // CHUNK


def run(url: str, chunks: Sequence[int], *, now: datetime, connections: int) -> float:
    """Seconds that the chunks take over so many connections."""
    parts = [chunks[index::connections] for index in range(connections)]
    threads = [Thread(target=_run, args=(url, part, now)) for part in parts]
    started = perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return perf_counter() - started


def _run(url: str, chunks: Sequence[int], now: datetime) -> None:
    with psycopg2.connect(url) as connection:
        for chunk in chunks:
            with connection.cursor() as cursor:
                for step in STEPS:
                    cursor.execute(step, {"chunk": chunk, "now": now})
            connection.commit()
