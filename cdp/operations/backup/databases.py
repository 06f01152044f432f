"""Databases beside each other on one server: a backup goes into a new one, which then takes the name of the old."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
from django.db import connection
from psycopg2 import errors
from psycopg2.sql import SQL, Identifier

from cdp.operations.backup.problem import BackupProblem, NotAllowed

OTHERS = """
select coalesce(nullif(application_name, ''), 'a program without a name') from pg_stat_activity
 where datname = %s and pid <> pg_backend_pid() and backend_type = 'client backend'
"""
HOLDS_TABLES = """
select exists (select from pg_class where relnamespace = to_regnamespace('public') and relkind in ('r', 'p'))
"""


def name_in_use() -> str:
    return str(connection.settings_dict["NAME"])


@contextmanager
def pointed_at(name: str) -> Iterator[None]:
    """What Django reads and writes meanwhile is the database of that name."""
    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before


@contextmanager
def beside() -> Iterator[Any]:
    """A cursor outside of the product's database, without a transaction."""
    connection.close()
    parameters = connection.get_connection_params() | {"dbname": "postgres"}
    parameters.pop("cursor_factory", None)
    try:
        opened = psycopg2.connect(**parameters)
    except psycopg2.OperationalError:
        # Some providers give no entry to it.
        opened = psycopg2.connect(**parameters | {"dbname": "template1"})
    try:
        opened.autocommit = True
        yield opened.cursor()
    finally:
        opened.close()


def holds_tables() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(HOLDS_TABLES)
        return bool(cursor.fetchone()[0])


def refuse_others(name: str) -> None:
    with beside() as cursor:
        cursor.execute(OTHERS, [name])
        others = sorted({program for (program,) in cursor.fetchall()})
    if others:
        raise BackupProblem(
            f"Other programs use the database: {', '.join(others)}. Stop web, workers and beat on every machine first."
        )


def create(name: str) -> None:
    try:
        with beside() as cursor:
            cursor.execute(SQL("create database {} template template0 encoding 'UTF8'").format(Identifier(name)))
    except errors.InsufficientPrivilege as error:
        raise NotAllowed(
            "The user of DATABASE_URL may not make databases. Let it (ALTER ROLE … CREATEDB), or make an empty database"
            " of its own, name that in DATABASE_URL, and restore with --here."
        ) from error
    except psycopg2.Error as error:
        raise BackupProblem(f"The server made no new database: {error}") from error


def drop(name: str) -> None:
    with beside() as cursor:
        cursor.execute(SQL("drop database if exists {}").format(Identifier(name)))


def rename(name: str, to: str) -> None:
    try:
        with beside() as cursor:
            cursor.execute(SQL("alter database {} rename to {}").format(Identifier(name), Identifier(to)))
    except psycopg2.Error as error:
        raise BackupProblem(f"The database {name} could not be renamed: {error}") from error
