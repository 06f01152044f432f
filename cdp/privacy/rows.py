"""The rows of a person in every table that an app declared (cdp/common/belongings.py)."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from django.db import connection, transaction

from cdp.common.belongings import Belonging, OnErase, Person, declared
from cdp.common.copying import Cursor, numbers

FIRST = ("profiles_profile", "profiles_identifier", "profiles_record")
"""Without these nobody finds the person any more, and nothing that arrives is theirs."""


def tables() -> list[Belonging]:
    """Those with rows of people, in the order of their names."""
    return sorted((one for one in declared() if one.about or one.of_record), key=lambda one: one.table)


def erased() -> list[Belonging]:
    return [one for one in tables() if one.on_erase is not OnErase.KEEP]


def of_table(table: str) -> Belonging:
    return next(one for one in declared() if one.table == table)


def count(cursor: Cursor, one: Belonging, person: Person) -> int:
    where, values = _where(one, person)
    cursor.execute(f"select count(*) from {one.table} where {where}", values)
    return int(cursor.fetchone()[0])


def counts(person: Person) -> dict[str, int]:
    """Table → rows; tables without any are left out."""
    if not person.is_known:
        return {}
    with connection.cursor() as cursor:
        found = {one.table: count(cursor, one, person) for one in tables()}
    return {table: n for table, n in found.items() if n}


def erase(cursor: Cursor, one: Belonging, person: Person) -> int:
    if one.erase is not None:
        return one.erase(cursor, person)
    where, values = _where(one, person)
    if one.on_erase is OnErase.BLANK:
        blanks = ", ".join(f"{column} = null" for column in one.blank)
        cursor.execute(f"update {one.table} set {blanks} where {where}", values)
    else:
        cursor.execute(f"delete from {one.table} where {where}", values)
    return int(cursor.rowcount)


def erase_all(person: Person) -> int:
    """Once more, of what was written meanwhile; each table in a transaction of its own."""
    total = 0
    for one in erased():
        with transaction.atomic(), connection.cursor() as cursor:
            total += erase(cursor, one, person)
    return total


def exported(one: Belonging, person: Person, *, size: int) -> Iterator[list[dict[str, Any]]]:
    """The rows in batches, as column → value."""
    where, values = _where(one, person)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"declare of_person no scroll cursor for select * from {one.table} where {where}", values)
        while True:
            cursor.execute("fetch %s from of_person", [size])
            rows = cursor.fetchall()
            if not rows:
                cursor.execute("close of_person")
                return
            names = [column.name for column in cursor.description]
            yield [dict(zip(names, row, strict=True)) for row in rows]


def _where(one: Belonging, person: Person) -> tuple[str, list[str]]:
    conditions, values = [], []
    for columns, ids in ((one.about, person.profile_ids), (one.of_record, person.record_ids)):
        for column in columns:
            conditions.append(f"{column} {'&&' if _is_array(one.table, column) else '= any('}%s::bigint[]")
            conditions[-1] += "" if _is_array(one.table, column) else ")"
            values.append(numbers(ids))
    return "(" + " or ".join(conditions) + ")", values


@lru_cache(maxsize=256)
def _is_array(table: str, column: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "select format_type(atttypid, null) from pg_attribute where attrelid = %s::regclass and attname = %s",
            [table, column],
        )
        return str(cursor.fetchone()[0]).endswith("[]")
