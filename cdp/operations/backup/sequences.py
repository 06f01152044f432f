"""Counters of ids. They are dumped a moment later than the rows; none may stand behind its table."""

from typing import Any

from psycopg2.sql import SQL, Identifier, Literal

OWNED = """
select s.relname, t.relname, a.attname from pg_class s
  join pg_depend d on d.objid = s.oid and d.classid = 'pg_class'::regclass and d.deptype in ('a', 'i')
  join pg_class t on t.oid = d.refobjid join pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid
 where s.relkind = 'S' and s.relnamespace = 'public'::regnamespace and not t.relispartition order by 1
"""
ADVANCE = """
select setval({name}, found.highest) from (select max({column}) highest from {table}) found, {sequence} s
 where found.highest > s.last_value
"""


def advance(cursor: Any) -> int:
    """Returns how many had to be."""
    cursor.execute(OWNED)
    moved = 0
    for sequence, table, column in cursor.fetchall():
        names = {"sequence": Identifier(sequence), "table": Identifier(table), "column": Identifier(column)}
        statement = SQL(ADVANCE).format(name=Literal(f'"{sequence}"'), **names)
        cursor.execute(statement)
        moved += cursor.rowcount
    return moved
