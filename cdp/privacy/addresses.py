"""What addresses said, asked for and must not get: rows by address, whoever has it."""

from datetime import datetime
from typing import Any

from django.db import connection, transaction

from cdp.common.belongings import Person, Place
from cdp.common.copying import texts

TABLES = {
    "privacy_consent": "What they agreed to and refused",
    "privacy_suppression": "Suppressions",
    "privacy_optin": "Subscriptions waiting for a yes",
}
WHERE = "(namespace, value) in (select * from unnest(%s::text[], %s::text[]))"


def places() -> list[Place]:
    return [_place(table, label) for table, label in TABLES.items()]


def _place(table: str, label: str) -> Place:
    return Place(
        key=table,
        label=label,
        count=lambda person: _count(table, person),
        erase=lambda person, now: _erase(table, person, now),
        export=lambda person: _export(table, person),
        tables=(table,),
        is_queue=True,
    )


def _values(person: Person) -> list[str]:
    return [texts([one[0] for one in person.addresses]), texts([one[1] for one in person.addresses])]


def _count(table: str, person: Person) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*) from {table} where {WHERE}", _values(person))
        return int(cursor.fetchone()[0])


def _erase(table: str, person: Person, now: datetime) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"delete from {table} where {WHERE}", _values(person))
        return int(cursor.rowcount)


def _export(table: str, person: Person) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(f"select * from {table} where {WHERE} order by id", _values(person))
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
