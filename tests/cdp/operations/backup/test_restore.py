"""Proof R9, small: what comes back is what was there, and whoever was erased since stays erased."""

import json
from datetime import timedelta
from pathlib import Path

import psycopg2
import pytest
from django.conf import settings
from django.db import connection, transaction

from campaigns.models import Campaign, Template
from cdp.accounts.models import AuditEntry
from cdp.common.models import NewsCursor
from cdp.operations.backup.last import read_last
from cdp.operations.backup.manifest import NAME, read_manifest
from cdp.operations.backup.problem import BackupProblem, Damaged
from cdp.operations.backup.renumber import HORIZON, renumber
from cdp.operations.backup.restore import Wanted, look, restore
from cdp.operations.backup.take import Wanted as Taking
from cdp.operations.backup.take import take
from cdp.privacy import erase, person
from cdp.privacy.erased import among
from cdp.privacy.models import Consent
from tests.factories import NOW, a_source
from tests.taking_in import identify, people, rows, take_in, track

LATER = NOW + timedelta(hours=3)
LEFT_BEHIND = """
select pg_terminate_backend(pid, 5000) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
"""
"""Connections of pages that browsers of other tests left while they were being answered."""


def nothing(_: str) -> None:
    """Nobody looks."""


@pytest.fixture
def backup(transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of two people, a campaign that is on and a file that somebody uploaded."""
    rows(LEFT_BEHIND)
    monkeypatch.setattr(settings, "ERASED_LIST", tmp_path / "erased.json")
    for user in ("ada", "bob"):
        take_in([identify(user, traits={"email": f"{user}@example.com"}), track(user, "Product Viewed")])
    template = Template.objects.create(name="Spring", content={}, created_at=NOW, changed_at=NOW)
    Campaign.objects.create(name="Spring", template=template, state=Campaign.State.SENDING, created_at=NOW)
    upload = settings.PLACES.media / "lists" / "one.csv"
    upload.parent.mkdir(parents=True, exist_ok=True)
    upload.write_text("ada@example.com\n")
    last = take(Taking(tmp_path / "backups"), now=NOW, tell=nothing)
    assert last.path is not None
    return Path(last.path)


def erased(user: str) -> None:
    with connection.cursor() as cursor:
        who = person.of_profile(cursor, person.known_by(cursor, user)[0])
    erase.run(erase.begin(who, by=None, via="test", now=NOW).job_id, clock=lambda: LATER)


@pytest.mark.parametrize("told_by", ["database", "file"])
def test_what_was_there_comes_back_and_the_erased_do_not(backup: Path, told_by: str) -> None:
    before = people()
    assert json.loads((settings.PLACES.var / "backups" / "last.json").read_text())["path"] == str(backup)
    erased("bob@example.com")
    if told_by == "file":
        rows("delete from privacy_erased returning 1")
    else:
        settings.ERASED_LIST.unlink()
    take_in([track("carol", "Product Viewed")])
    rows("delete from events_event returning 1")
    (settings.PLACES.media / "lists" / "one.csv").unlink()

    restored = restore(Wanted(backup, replace=True), now=LATER, tell=nothing)

    assert people() == [one for one in before if "bob" not in repr(one)]
    assert restored.erased_again == 1
    with connection.cursor() as cursor:
        assert list(among(cursor, [("email", "bob@example.com"), ("email", "ada@example.com")])) == [
            ("email", "bob@example.com")
        ]
    assert (settings.PLACES.media / "lists" / "one.csv").exists()
    assert (restored.paused, Campaign.objects.get().state) == (1, Campaign.State.PAUSED)
    assert AuditEntry.objects.filter(verb="restored backup").exists()
    assert [name for (name,) in rows("select datname from pg_database where datname like %s", "%restoring%")] == []
    # New rows get new ids, and whoever reads news goes on.
    a_source()
    assert len(people()) == len(before) - 1


def test_a_database_with_tables_is_replaced_only_on_request_and_while_nobody_uses_it(backup: Path) -> None:
    take_in([track("carol", "Product Viewed")])
    now_there = people()
    with pytest.raises(BackupProblem, match="--replace"):
        restore(Wanted(backup), now=LATER, tell=nothing)
    parameters = connection.get_connection_params() | {"application_name": "a worker"}
    parameters.pop("cursor_factory")
    other = psycopg2.connect(**parameters)
    try:
        with pytest.raises(BackupProblem, match="a worker"):
            restore(Wanted(backup, replace=True), now=LATER, tell=nothing)
    finally:
        other.close()
    assert people() == now_there


def test_rows_that_differ_are_noticed_before_anything_is_replaced(backup: Path) -> None:
    take_in([track("carol", "Product Viewed")])
    now_there = people()
    told = json.loads((backup / NAME).read_text())
    told["tables"]["profiles_profile"]["hash"] = "1"
    (backup / NAME).write_text(json.dumps(told))
    with pytest.raises(Damaged, match="profiles_profile"):
        restore(Wanted(backup, replace=True), now=LATER, tell=nothing)
    assert people() == now_there


def test_a_damaged_a_newer_and_a_cut_backup_are_refused_unread(backup: Path) -> None:
    manifest = read_manifest(backup)
    told = json.loads((backup / NAME).read_text())
    told["migrations"]["identity"].append("9999_from_the_future")
    (backup / NAME).write_text(json.dumps(told))
    with pytest.raises(BackupProblem, match="newer version"):
        look(backup)
    told["migrations"]["identity"].pop()
    (backup / NAME).write_text(json.dumps(told))
    assert look(backup) == manifest
    largest = max((backup / "database").glob("*.gz"), key=lambda path: path.stat().st_size)
    content = bytearray(largest.read_bytes())
    content[len(content) // 2] ^= 1
    largest.write_bytes(content)
    with pytest.raises(Damaged, match="changed or damaged"):
        look(backup)
    largest.unlink()
    with pytest.raises(Damaged, match="lacks"):
        look(backup)
    (backup / NAME).unlink()
    with pytest.raises(Damaged, match="no backup"):
        look(backup)


def test_the_newest_are_kept_and_a_failure_is_told_beside_the_last_success(
    transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tributary-20260101T000000Z-abc.partial").mkdir()
    for day in range(3):
        last = take(Taking(tmp_path, keep=2, with_secret_key=False), now=NOW + timedelta(days=day), tell=nothing)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "tributary-20261122T120000Z",
        "tributary-20261123T120000Z",
    ]
    monkeypatch.setenv("POSTGRES_BIN", str(tmp_path))
    with pytest.raises(BackupProblem, match="pg_dump"):
        take(Taking(tmp_path), now=LATER, tell=nothing)
    told = read_last(settings.PLACES.var)
    assert (told.path, told.at, told.failed_at) == (last.path, last.at, LATER)
    assert "pg_dump" in told.failure
    assert not read_manifest(Path(str(last.path))).has_secret_key
    assert Path(str(last.path)).stat().st_mode & 0o077 == 0


def test_news_of_a_server_that_counted_further_is_read_to_its_end_and_then_what_is_new(transactional_db: None) -> None:
    """Two readers, one of which is behind; rows of four transactions; then one more on this server."""
    far = 5_000_000_000
    for number in range(4):
        Consent.objects.create(
            namespace="email", value=f"{number}@example.com", is_granted=True, at=NOW, last_at=NOW, xact_id=far + number
        )
    ids = list(Consent.objects.order_by("id").values_list("id", flat=True))
    NewsCursor.objects.create(reader="behind", xact_id=far, row_id=ids[0])
    NewsCursor.objects.create(reader="ahead", xact_id=far + 2, row_id=ids[2])
    with connection.cursor() as cursor:
        assert renumber(cursor, counted=far + 10)
        assert not renumber(cursor, counted=1)
    assert (_unread("behind"), _unread("ahead")) == (ids[1:], ids[3:])
    with transaction.atomic():
        new = Consent.objects.create(namespace="email", value="new@example.com", is_granted=True, at=NOW, last_at=NOW)
    assert (_unread("behind"), _unread("ahead")) == ([*ids[1:], new.pk], [ids[3], new.pk])


def _unread(reader: str) -> list[int]:
    """As every reader of news asks."""
    found = rows(
        "select n.id from privacy_consent n, common_newscursor c where c.reader = %s"
        f" and (n.xact_id, n.id) > (c.xact_id, c.row_id) and n.xact_id < ({HORIZON}) order by n.xact_id, n.id",
        reader,
    )
    return [pk for (pk,) in found]
