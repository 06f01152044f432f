"""News is ordered by transaction numbers, and another server counts from its own beginning.

Rows that are numbered above what the server has counted would be told to nobody until it has counted that far, and
what happens from now on would stand behind the readers' cursors. So, if the server is behind: what every reader has
read becomes 1, the rest follows in its order, and the server counts on past it.
"""

from typing import Any

CURSORS = "common_newscursor"
NUMBERED = """
select c.relname from pg_attribute a join pg_class c on c.oid = a.attrelid
 where a.attname = 'xact_id' and not a.attisdropped and c.relkind in ('r', 'p') and not c.relispartition
   and c.relnamespace = 'public'::regnamespace and c.relname <> 'common_newscursor' order by 1
"""
HORIZON = "select pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
UNREAD = "select xact_id from {table} where xact_id > %(read)s"
MAP = """
create temporary table renumbered on commit preserve rows as
 select xact_id as old, 1 + dense_rank() over (order by xact_id) as new from ({unread}) found group by xact_id
"""
MOVE = """
update {table} t set xact_id = case when t.xact_id <= %(read)s then 1 else (select new from renumbered
   where old = t.xact_id) end where t.xact_id > 1
"""
COUNT_ON = """
do $$ begin
  while pg_snapshot_xmin(pg_current_snapshot())::text::bigint <= {until} loop
    perform pg_current_xact_id();
    commit;
  end loop;
end $$
"""


def renumber(cursor: Any, *, counted: int) -> bool:
    """`counted` is how far the server of the backup had counted. Without a transaction of the caller's; whether
    anything had to be done."""
    cursor.execute(HORIZON)
    if cursor.fetchone()[0] >= counted:
        return False
    cursor.execute(NUMBERED)
    numbered = [table for (table,) in cursor.fetchall()]
    cursor.execute(f"select coalesce(min(xact_id), %s) from {CURSORS}", [counted])
    read = {"read": cursor.fetchone()[0]}
    unread = " union all ".join(UNREAD.format(table=table) for table in [*numbered, CURSORS])
    cursor.execute(MAP.format(unread=unread), read)
    cursor.execute("select coalesce(max(new), 1) from renumbered")
    last = int(cursor.fetchone()[0])
    cursor.execute("create index on renumbered (old)")
    for table in [*numbered, CURSORS]:
        cursor.execute(MOVE.format(table=table), read)
    cursor.execute("drop table renumbered")
    cursor.execute(COUNT_ON.format(until=last))
    return True
