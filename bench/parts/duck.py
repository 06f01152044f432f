"""The same past in DuckDB, and what it answers."""

import time
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from bench.parts.kinds import KINDS

TABLES = {
    "event": (
        "select profile_id, occurred_at, name, item_id, value, properties from events_event",
        "profile_id bigint, occurred_at timestamptz, name varchar, item_id varchar, value double, properties json",
    ),
    "line": (
        "select profile_id, occurred_at, name, item_id, quantity, value from events_eventitem",
        "profile_id bigint, occurred_at timestamptz, name varchar, item_id varchar, quantity double, value double",
    ),
    "item": ("select id, category, brand from events_item", "id varchar, category varchar, brand varchar"),
    "profile": ("select id, uuid, traits from profiles_profile", "id bigint, uuid uuid, traits json"),
}
THREADS = 2


def copy_of(folder: Path) -> duckdb.DuckDBPyConnection:
    """In a file, as one would keep it; through CSV, so that both hold the same."""
    from django.db import connection

    peer = duckdb.connect(str(folder / "peer.duckdb"), config={"threads": THREADS})
    peer.execute("set timezone = 'UTC'")
    with connection.cursor() as cursor:
        for name, (select, columns) in TABLES.items():
            path = folder / f"{name}.csv"
            with path.open("w") as stream:
                cursor.cursor.copy_expert(f"copy ({select}) to stdout with (format csv)", stream)
            peer.execute(f"create table {name} ({columns})")
            peer.execute(f"copy {name} from '{path}' (format csv, header false)")
            path.unlink()
    peer.execute("checkpoint")
    return peer


def ask(peer: duckdb.DuckDBPyConnection, kind: str, *, now: datetime, rounds: int) -> tuple[float, int]:
    """Seconds of the best round, and how many people."""
    sql = f"select count(*) from ({KINDS[kind].duckdb}) found"
    values: dict[str, Any] = {"now": now} if "$now" in sql else {}
    best, n = float("inf"), 0
    for _ in range(rounds):
        started = time.perf_counter()
        row = peer.execute(sql, values).fetchone()
        best = min(best, time.perf_counter() - started)
        n = int(row[0]) if row else 0
    return best, n
