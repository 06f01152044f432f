"""A person in every table that can hold one, and a look through every column of every table for them."""

import re
from collections.abc import Iterable
from typing import Any

from cdp.common.belongings import Person
from cdp.privacy import rows as of_people
from tests.taking_in import rows

TEXTUAL = {"text", "character varying", "jsonb", "json", "bytea", "text[]", "character varying[]", "inet"}
PLAIN = {
    "bigint": "1",
    "integer": "1",
    "smallint": "1",
    "boolean": "false",
    "double precision": "0.5",
    "numeric": "1",
    "timestamp with time zone": "2026-03-01T12:00:00Z",
    "time without time zone": "12:00",
    "date": "2026-03-01",
    "jsonb": "{}",
    "uuid": "00000000-0000-4000-8000-000000000NNN",
    "bigint[]": "{}",
}


def columns(table: str) -> list[tuple[str, str, int, bool]]:
    """Name, type, length (0: any) and whether it must be given."""
    return [
        (name, re.sub(r"\(.*\)", "", kind), int((re.findall(r"\((\d+)", kind) or [0])[0]), is_needed)
        for name, kind, is_needed in rows(
            "select attname, format_type(atttypid, atttypmod), attnotnull and not atthasdef and attidentity = ''"
            " from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped"
            " and attgenerated = '' order by attnum",
            table,
        )
    ]


def tables() -> list[str]:
    found = rows(
        "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public'"
        " and c.relkind in ('r', 'p') and not c.relispartition order by 1"
    )
    return [name for (name,) in found]


def put_everywhere(person: Person, quote: str) -> list[str]:
    """One more row for the person in each declared table, the quote in each text of it. Returns the tables."""
    rows("select set_config('session_replication_role', 'replica', true)")
    done = []
    for n, one in enumerate(of_people.erased()):
        if one.table in ("profiles_profile", "profiles_record"):  # the person's own are real
            continue
        given: dict[str, Any] = {}
        for name, kind, length, is_needed in columns(one.table):
            if name in one.about:
                given[name] = f"{{{person.profile_ids[0]}}}" if kind.endswith("[]") else person.profile_ids[0]
            elif name in one.of_record:
                given[name] = person.record_ids[0] if name != "record_b" else person.record_ids[-1] + 7_000_000
            elif kind in TEXTUAL and not one.blank and (not length or length > len(quote)):
                given[name] = _said(kind, quote)
            elif kind in ("text", "character varying") and is_needed:
                given[name] = f"x{n}"[: length or 9]
            elif kind == "jsonb" or is_needed:
                given[name] = PLAIN[kind].replace("NNN", f"{n:03d}")
        names = ", ".join(f'"{name}"' for name in given)
        rows_of = ", ".join(["%s"] * len(given))
        rows(
            f"insert into {one.table} ({names}) values ({rows_of}) on conflict do nothing returning 1", *given.values()
        )
        done.append(one.table)
    rows("select set_config('session_replication_role', 'origin', true)")
    return done


def _said(kind: str, quote: str) -> str | bytes:
    if kind in ("jsonb", "json"):
        return f'{{"said": "{quote}"}}'
    if kind == "bytea":
        return quote.encode()
    return f'{{"{quote}"}}' if kind.endswith("[]") else quote


def hits(canaries: Iterable[str]) -> list[str]:
    """`table.column: canary` for each that stands anywhere in the database, in whatever case."""
    found = []
    for table in tables():
        for name, kind, _, _ in columns(table):
            if kind not in TEXTUAL:
                continue
            text = f"encode(\"{name}\", 'escape')" if kind == "bytea" else f'"{name}"::text'
            for canary in canaries:
                if rows(f"select 1 from {table} where position(lower(%s) in lower({text})) > 0 limit 1", canary):
                    found.append(f"{table}.{name}: {canary}")
    return found
