"""A large shop from a small one: every row about a person is written again for so many copies of everybody, in SQL.

Ids are moved by whole spans, so that copies refer to copies; addresses, keys and message ids get the copy's number;
UUIDs follow from the first one's and the number; times lie some seconds earlier with each copy.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

PEOPLE, RECORDS, MERGES, SEPARATIONS, CODES = (
    "profiles_profile", "profiles_record", "identity_merge", "identity_separation", "campaigns_offercode",
)  # fmt: skip
NAMES = {
    "profile_id": PEOPLE, "home_id": PEOPLE, "merged_into": PEOPLE, "winner_id": PEOPLE, "loser_id": PEOPLE,
    "profile_ids": PEOPLE, "record_id": RECORDS, "record_a": RECORDS, "record_b": RECORDS, "record_ids": RECORDS,
    "winner_record_ids": RECORDS, "merge_id": MERGES, "merge_ids": MERGES, "separation_id": SEPARATIONS,
    "given_id": CODES,
}  # fmt: skip
"""Columns that name a row of such a table."""
SUFFIXED = {"message_id", "code", "shared_key"}
ADDRESSES = {"address", "recipient", "value"}
TOO = (PEOPLE, RECORDS, SEPARATIONS, "identity_decision", "privacy_consent", "privacy_suppression")
"""Tables about people without a column that says so."""
QUEUES = {"profiles_touched", "identity_waiting", "campaigns_mailhappened", "scoring_waiting"}
BY_TIME = {"events_event", "events_eventitem"}
"""Their rows lie on the disk as they came in."""
STEP_S = 61
COUNTS = (
    "update segments_segment set size = size * %(n)s",
    "update segments_segmentsize set size = size * %(n)s",
    "update analytics_computedtrait set people = people * %(n)s",
    "update scoring_cluster set size = size * %(n)s",
    "update scoring_clustering set people = people * %(n)s",
    "update scoring_recommending set people = people * %(n)s",
    "update scoring_itemfigures set people = people * %(n)s",
    "update events_eventvolume set n = n * %(n)s, violations = violations * %(n)s",
    "update events_eventproperty set n = n * %(n)s",
    "update campaigns_offer set n_given = n_given * %(n)s",
    "update identity_term set people = people * %(n)s",
)
"""What the product keeps count of."""


@dataclass(frozen=True)
class Column:
    name: str
    type: str


def multiply(*, times: int, say: Callable[[str], None]) -> None:
    """Afterwards there are `times` as many people as before."""
    from django.db import connection

    with connection.cursor() as cursor:
        connection.connection.autocommit = True
        cursor.execute("set synchronous_commit = off; set work_mem = '256MB'; set maintenance_work_mem = '1GB'")
        tables = list(_tables(cursor))
        spans = {table: _span(cursor, table) for table in tables}
        for table in tables:
            columns = list(_columns(cursor, table).values())
            n = _copy(cursor, table, columns, times=times, spans=spans)
            if n > 1_000_000:
                say(f"  {n:,} rows of {table}")
        for statement in COUNTS:
            cursor.execute(statement, {"n": times})


def _tables(cursor: Any) -> Iterator[str]:
    cursor.execute(
        "select distinct c.relname from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n"
        " on n.oid = c.relnamespace where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition"
        " and not a.attisdropped and (a.attname = any(%s) or c.relname = any(%s)) order by 1",
        [["profile_id", "record_id", "record_a", "winner_id"], list(TOO)],
    )
    yield from (name for (name,) in cursor.fetchall() if name not in QUEUES)


def _columns(cursor: Any, table: str) -> Mapping[str, Column]:
    cursor.execute(
        "select attname, format_type(atttypid, null) from pg_attribute where attrelid = %s::regclass and attnum > 0"
        " and not attisdropped and attgenerated = '' order by attnum",
        [table],
    )
    return {name: Column(name, kind) for name, kind in cursor.fetchall()}


def _span(cursor: Any, table: str) -> int:
    """How far its ids reach; 0 where they are not numbers."""
    column = _columns(cursor, table).get("id")
    if column is None or column.type != "bigint":
        return 0
    cursor.execute(f"select coalesce(max(id), 0) from {table}")
    return int(cursor.fetchone()[0])


def _copy(cursor: Any, table: str, columns: Sequence[Column], *, times: int, spans: Mapping[str, int]) -> int:
    values = ", ".join(_value(table, one, spans) for one in columns)
    names = ", ".join(one.name for one in columns)
    order = " order by occurred_at" if table in BY_TIME else ""
    with_indexes = _without_indexes(cursor, table)
    cursor.execute(
        f"insert into {table} ({names}) select {values} from {table} t, generate_series(1, {times - 1}) k{order}"
    )
    n = int(cursor.rowcount)
    for statement in with_indexes:
        cursor.execute(statement)
    if spans.get(table):
        cursor.execute(f"select setval(pg_get_serial_sequence('{table}', 'id'), max(id)) from {table}")
    return n


def _value(table: str, column: Column, spans: Mapping[str, int]) -> str:
    name, of = column.name, f"t.{column.name}"
    span = spans.get(table, 0) if name == "id" else spans.get(NAMES.get(name, ""), 0)
    if column.type == "uuid":
        return f"md5({of}::text || k)::uuid"
    if span and column.type == "bigint":
        return f"{of} + k * {span}::bigint"
    if span and column.type == "bigint[]":
        return f"array(select one + k * {span}::bigint from unnest({of}) one)"
    if (table, name) == ("events_event", "received_at"):
        return f"t.occurred_at - k * interval '{STEP_S} seconds'"
    if column.type == "timestamp with time zone":
        return f"{of} - k * interval '{STEP_S} seconds'"
    return _words(table, column)


def _words(table: str, column: Column) -> str:
    """Texts and traits."""
    of = f"t.{column.name}"
    if column.name in SUFFIXED or (table, column.name) in {(RECORDS, "key"), ("campaigns_triggered", "occurrence")}:
        return f"case when {of} = '' then '' else {of} || '~' || k end"
    if column.name in ADDRESSES and column.type == "text":
        return (
            f"case when {of} like '%@%' then replace({of}, '@', '~' || k || '@') when {of} = '' then ''"
            f" else {of} || '~' || k end"
        )
    if column.name == "traits":
        return f"replace({of}::text, '@', '~' || k || '@')::jsonb"
    if (table, column.name) == ("identity_blockkey", "key"):
        return f"hashint8extended({of}, k)"
    return of


def _without_indexes(cursor: Any, table: str) -> list[str]:
    """Drops what can be made again, as a restore would. Returns how."""
    cursor.execute(
        "select i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) from pg_index i where i.indrelid = %s"
        "::regclass and not exists (select from pg_constraint c where c.conindid = i.indexrelid)",
        [table],
    )
    again = []
    for name, definition in cursor.fetchall():
        cursor.execute(f"drop index {name}")
        again.append(definition.replace(" ON ONLY ", " ON "))
    if table in BY_TIME:
        cursor.execute(
            "select conname, pg_get_constraintdef(oid) from pg_constraint where conrelid = %s::regclass"
            " and contype = 'p'",
            [table],
        )
        for name, definition in cursor.fetchall():
            cursor.execute(f"alter table {table} drop constraint {name}")
            again.insert(0, f"alter table {table} add constraint {name} {definition}")
    return again
