"""The tables of the product and what they hold, in numbers that do not depend on the order of rows."""

from collections.abc import Iterator
from typing import Any

from cdp.operations.backup.manifest import TableSum

TABLES = """
select c.relname from pg_class c
 where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
   and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')
 order by pg_total_relation_size(c.oid) desc, c.relname
"""
EXTENSIONS = "select extname from pg_extension where extnamespace = 'public'::regnamespace order by 1"
AS_TEXT = (
    "set local timezone = 'UTC'",
    "set local datestyle = 'ISO'",
    "set local intervalstyle = 'postgres'",
    "set local extra_float_digits = 1",
    "set local bytea_output = 'hex'",
)
"""A row's text must be the same whoever asks."""
SUM = """
select count(*), coalesce(sum(('x' || left(md5(t.*::text), 15))::bit(60)::bigint), 0)::text from "{table}" t
"""
"""MD5 because it is the same on every version and machine, which PostgreSQL's own hashes do not promise."""


def names(cursor: Any) -> list[str]:
    cursor.execute(TABLES)
    return [name for (name,) in cursor.fetchall()]


def extensions(cursor: Any) -> list[str]:
    cursor.execute(EXTENSIONS)
    return [name for (name,) in cursor.fetchall()]


def sums(cursor: Any) -> Iterator[tuple[str, TableSum]]:
    """In one transaction of the caller's; the largest first. A partitioned table is summed whole."""
    for statement in AS_TEXT:
        cursor.execute(statement)
    for table in names(cursor):
        cursor.execute(SUM.format(table=table.replace('"', '""')))
        rows, total = cursor.fetchone()
        yield table, TableSum(rows, total)
