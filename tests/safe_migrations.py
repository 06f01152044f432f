"""Which operations of a migration a running product on large tables cannot bear, and what to do instead."""

import re
from collections.abc import Iterator, Mapping

from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently, RemoveIndexConcurrently
from django.db.migrations import Migration, operations
from django.db.migrations.operations.base import Operation
from django.db.models import NOT_PROVIDED

LARGE = {
    "campaigns_delivery",
    "campaigns_hit",
    "events_event",
    "events_eventitem",
    "events_eventstate",
    "events_inboxbatch",
    "events_order",
    "events_orderreport",
    "events_rejectedmessage",
    "events_seenmessage",
    "identity_merge",
    "privacy_consent",
    "profiles_identifier",
    "profiles_profile",
    "profiles_profilechange",
    "profiles_record",
    "profiles_touched",
    "scoring_score",
    "segments_membership",
    "segments_membershipchange",
}
SQL_RULES = (
    (
        r"create\s+(unique\s+)?index\s+(?!concurrently)",
        "create the index concurrently, in a migration with atomic = False",
    ),
    (r"alter\s+column\s+\S+\s+(set\s+data\s+)?type\b", "add a column of the new type, fill it in lots, then use it"),
    (r"set\s+not\s+null", "add a check constraint not valid, validate it in the next migration"),
    (r"add\s+constraint(?!.*not\s+valid)", "add the constraint not valid, validate it in the next migration"),
    (r"drop\s+column|rename\s+", "the version that still runs uses it: first release one that does not"),
    (r"lock\s+table", "nothing may wait for a whole table"),
)


def faults(migration: Migration, tables: Mapping[tuple[str, str], str]) -> Iterator[str]:
    """`tables`: (app, model in small letters) → table."""
    for operation in migration.operations:
        yield from _faults_of(operation, migration.app_label, tables)


def _faults_of(operation: Operation, app: str, tables: Mapping[tuple[str, str], str]) -> Iterator[str]:
    if isinstance(operation, operations.SeparateDatabaseAndState):
        for inner in operation.database_operations:
            yield from _faults_of(inner, app, tables)
        return
    if isinstance(operation, operations.RunSQL):
        yield from _faults_of_sql(operation.sql)
        return
    model = getattr(operation, "model_name", getattr(operation, "old_name", getattr(operation, "name", "")))
    table = tables.get((app, str(model).lower()), f"{app}_{str(model).lower()}")
    if table in LARGE and (what := _instead(operation)):
        yield f"{operation.describe()} ({table}): {what}"


def _instead(operation: Operation) -> str:
    if isinstance(operation, AddIndexConcurrently | RemoveIndexConcurrently | AddConstraintNotValid):
        return ""
    if isinstance(operation, operations.AddIndex):
        return "use AddIndexConcurrently, in a migration with atomic = False"
    if isinstance(operation, operations.AddConstraint):
        return "use AddConstraintNotValid, and ValidateConstraint in the next migration"
    if isinstance(operation, operations.AddField):
        field = operation.field
        bears = field.null or field.many_to_many or field.db_default is not NOT_PROVIDED
        return (
            "" if bears else "make it null=True or give it a db_default: the version that still runs does not fill it"
        )
    if isinstance(operation, operations.AlterField):
        return "add a field instead, fill it in lots, then use it"
    if isinstance(
        operation, operations.RemoveField | operations.RenameField | operations.RenameModel | operations.DeleteModel
    ):
        return "the version that still runs uses it: first release one that does not"
    return ""


def _faults_of_sql(sql: object) -> Iterator[str]:
    parts = sql if isinstance(sql, list | tuple) else [sql]
    for part in parts:
        text = str(part[0] if isinstance(part, list | tuple) else part)
        named = {table for table in LARGE if re.search(rf"\b{table}\b", text)}
        for statement in re.split(r";", text.lower()) if named else []:
            for pattern, instead in SQL_RULES:
                if any(table in statement for table in named) and re.search(pattern, statement, re.DOTALL):
                    yield f"{' '.join(statement.split())[:80]}: {instead}"
