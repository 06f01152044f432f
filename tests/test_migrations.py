"""New migrations can be applied while the product runs on large tables (docs/deploying.md, Upgrade)."""

import pytest
from django.apps import apps
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import models
from django.db.migrations import Migration, operations
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation

from tests.safe_migrations import LARGE, faults

RELEASED = {
    "accounts": "0002",
    "analytics": "0002",
    "campaigns": "0019",
    "common": "0001",
    "connectors": "0001",
    "events": "0007",
    "identity": "0005",
    "operations": "0001",
    "privacy": "0004",
    "profiles": "0006",
    "rules": "0001",
    "scoring": "0007",
    "segments": "0005",
}
"""The last migration of each app before there were installations to upgrade. It never changes."""
TABLES = {(model._meta.app_label, model._meta.model_name or ""): model._meta.db_table for model in apps.get_models()}
INDEX = models.Index(fields=["profile_id"], name="one")
SAFE: list[Operation] = [
    AddIndexConcurrently("profile", INDEX),
    operations.AddField("profile", "one", models.IntegerField(null=True)),
    operations.AddField("profile", "one", models.IntegerField(db_default=0)),
    operations.RunSQL("create index concurrently one on events_event (name)"),
    operations.RunSQL("alter table profiles_profile add constraint one check (id > 0) not valid"),
    operations.RunSQL("create index one on accounts_source (name)"),
]
UNSAFE: list[Operation] = [
    operations.AddIndex("profile", INDEX),
    operations.AddField("profile", "one", models.IntegerField(default=0)),
    operations.AlterField("profile", "traits", models.TextField()),
    operations.RemoveField("profile", "traits"),
    operations.RenameModel("Profile", "Person"),
    operations.AddConstraint("profile", models.CheckConstraint(condition=models.Q(id__gt=0), name="one")),
    operations.RunSQL("create index one on events_event (name)"),
    operations.RunSQL("alter table events_event alter column name type varchar(10)"),
    operations.RunSQL([("alter table events_event alter column name set not null", None)]),
    operations.SeparateDatabaseAndState([operations.RunSQL("lock table events_event")]),
]


def new_migrations() -> list[Migration]:
    found = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    return [one for (app, name), one in sorted(found.items()) if app in RELEASED and name[:4] > RELEASED[app]]


@pytest.mark.parametrize("migration", new_migrations(), ids=str)
def test_a_new_migration_is_borne_by_a_running_product(migration: Migration) -> None:
    assert list(faults(migration, TABLES)) == []


def test_large_tables_exist() -> None:
    assert set(TABLES.values()) >= LARGE


@pytest.mark.parametrize("operation", SAFE, ids=Operation.describe)
def test_what_is_borne(operation: Operation) -> None:
    assert list(faults(of(operation), TABLES)) == []


@pytest.mark.parametrize("operation", UNSAFE, ids=Operation.describe)
def test_what_is_refused(operation: Operation) -> None:
    assert len(list(faults(of(operation), TABLES))) == 1


def of(operation: Operation) -> Migration:
    made = type("Migration", (Migration,), {"operations": [operation]})
    found: Migration = made("one", "profiles")
    return found
