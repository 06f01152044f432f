"""Rows follow their record from one profile to another: every declared table, in the transaction of the cause."""

from collections.abc import Sequence
from dataclasses import dataclass

from cdp.common.belongings import Belonging, OnMerge, declared
from cdp.common.copying import Cursor, numbers


@dataclass(frozen=True, slots=True)
class Move:
    """This record changes hands."""

    record: int
    old: int
    new: int


def move(cursor: Cursor, moves: Sequence[Move]) -> None:
    """The caller holds the profiles' locks."""
    if moves:
        for belonging in declared():
            if belonging.on_merge is OnMerge.MOVE_BY_RECORD:
                _move_rows(cursor, belonging, moves)


def recompute(cursor: Cursor, *, living: Sequence[int], gone: Sequence[int]) -> None:
    """What is derived from rows that moved: none for those who are gone, anew for those who live."""
    for belonging in declared():
        if belonging.on_merge is OnMerge.RECOMPUTE:
            if gone:
                cursor.execute(f"delete from {belonging.table} where profile_id = any(%s::bigint[])", [numbers(gone)])
            if belonging.recompute and living:
                belonging.recompute(list(living))


def _move_rows(cursor: Cursor, belonging: Belonging, moves: Sequence[Move]) -> None:
    """Delete … returning and insert, because the distribution key of a sharded table cannot be updated."""
    table, record = belonging.table, belonging.record_column
    others = ", ".join(column for column in _columns(cursor, table) if column != "profile_id")
    free = ""
    if belonging.unique:
        same = " and ".join(f"o.{column} = t.{column}" for column in belonging.unique)
        free = f" and not exists (select 1 from {table} o where o.profile_id = m.new_id and {same})"
    cursor.execute(
        "with m as materialized (select * from unnest(%s::bigint[], %s::bigint[], %s::bigint[])"
        " m(moved_record, old_id, new_id)),"
        f" gone as (delete from {table} t using m where t.profile_id = m.old_id and t.{record} = m.moved_record{free}"
        " returning t.*)"
        f" insert into {table} (profile_id, {others})"
        f" select m.new_id, {', '.join('gone.' + column for column in others.split(', '))}"
        f" from gone join m on m.moved_record = gone.{record}",
        [numbers(one.record for one in moves), numbers(one.old for one in moves), numbers(one.new for one in moves)],
    )


def _columns(cursor: Cursor, table: str) -> list[str]:
    cursor.execute(
        "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped"
        " and attgenerated = '' order by attnum",
        [table],
    )
    return [row[0] for row in cursor.fetchall()]
