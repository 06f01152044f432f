"""PostgreSQL's own figures about itself."""

from dataclasses import dataclass

from django.db import connection

BIGGEST = 12

_STATE = """
select pg_database_size(current_database()), current_setting('max_connections')::int,
       pg_total_relation_size('events_inboxbatch'),
       coalesce((select extract(epoch from max(clock_timestamp() - xact_start)) from pg_stat_activity
                  where datname = current_database() and pid <> pg_backend_pid()
                    and backend_type = 'client backend'), 0),
       current_setting('server_version')"""
_CONNECTIONS = """
select coalesce(state, 'other'), count(*) from pg_stat_activity where datname = current_database() group by 1"""
_SLOTS = """
select slot_name, coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0)::bigint
  from pg_replication_slots where not pg_is_in_recovery()"""
# A partitioned table is as large as its parts.
_TABLES = """
select coalesce(parent.relname, c.relname), sum(pg_total_relation_size(c.oid))::bigint size,
       sum(greatest(c.reltuples, 0))::bigint
  from pg_class c left join pg_inherits i on i.inhrelid = c.oid left join pg_class parent on parent.oid = i.inhparent
 where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace group by 1 order by 2 desc limit %s"""


@dataclass(frozen=True)
class Database:
    bytes: int
    connections: dict[str, int]
    connections_limit: int
    inbox_bytes: int
    oldest_transaction_s: float
    slots: dict[str, int]
    """Replication slot → bytes of WAL that are kept for it."""
    version: str


@dataclass(frozen=True)
class Table:
    name: str
    bytes: int
    rows: int
    """PostgreSQL's estimate."""


def database() -> Database:
    with connection.cursor() as cursor:
        cursor.execute(_STATE)
        size, limit, inbox_bytes, oldest_s, version = cursor.fetchone()
        cursor.execute(_CONNECTIONS)
        open_ones = dict(cursor.fetchall())
        cursor.execute(_SLOTS)
        return Database(size, open_ones, limit, inbox_bytes, float(oldest_s), dict(cursor.fetchall()), version)


def biggest_tables() -> list[Table]:
    with connection.cursor() as cursor:
        cursor.execute(_TABLES, [BIGGEST])
        return [Table(*row) for row in cursor.fetchall()]
