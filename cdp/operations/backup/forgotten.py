"""Whoever was erased after a backup was made stays erased: their fingerprints outlive the database that is replaced."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from cdp.common.secrets import SecretLost
from cdp.operations.backup.problem import BackupProblem, Damaged
from cdp.privacy import erased_list
from cdp.privacy.erase import erase_again as erase_all_again
from cdp.privacy.erased_list import NotAList

Listed = dict[str, Any]


def lists(named: Path | None, *, is_full: bool) -> list[Listed]:
    """What is known of erasures: of the present database, of the file that each erasure writes, and of one named."""
    found = [_read(Path(settings.ERASED_LIST))]
    if named is not None:
        read = _read(named)
        if read is None:
            raise BackupProblem(f"There is no {named}.")
        found.append(read)
    if is_full and _has_list():
        try:
            found.append(erased_list.listed())
        except SecretLost as error:
            raise BackupProblem(
                "The present list of erased people was sealed with another key. Set ENCRYPTION_KEYS to it, or"
                " people who were erased would come back."
            ) from error
    connection.close()
    return [one for one in found if one is not None]


def erase_again(lists: list[Listed], *, now: datetime, report: Callable[[int, int], None]) -> int:
    """In the database that is pointed at. Returns how many people had come back."""
    try:
        for one in lists:
            erased_list.put_back(one, now=now)
    except SecretLost as error:
        raise BackupProblem(
            "A list of erased people was sealed with a key that is neither in the backup nor in ENCRYPTION_KEYS. Add it"
            " there, or people who were erased would come back."
        ) from error
    except NotAList as error:
        raise Damaged(str(NotAList.__doc__)) from error
    return erase_all_again(now=now, report=report)


def _read(path: Path) -> Listed | None:
    try:
        return erased_list.read_beside(path)
    except NotAList as error:
        raise Damaged(f"{path} is no list of erased people.") from error


def _has_list() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select to_regclass('public.privacy_erased') is not null")
        return bool(cursor.fetchone()[0])
