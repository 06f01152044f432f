"""The list of the erased outside of the database, so that a backup older than an erasure cannot bring anybody back.

It holds fingerprints and the sealed key they are made with, no address: without ENCRYPTION_KEYS it says nothing.
"""

import base64
import json
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from cdp.common.copying import Cursor, numbers, texts
from cdp.common.secrets import seal, unseal
from cdp.privacy import erased

VERSION = 1


class NotAList(ValueError):
    """This is no list of the erased."""


def listed() -> dict[str, Any]:
    """All of it, as JSON can hold it. Take it before a restore, and give it to `put_back` after."""
    with connection.cursor() as cursor:
        keys = erased.opened_keys(cursor)
        cursor.execute("select key_id, namespace, print, at from privacy_erased order by id")
        rows = [[key_id, namespace, made, at.isoformat()] for key_id, namespace, made, at in cursor.fetchall()]
    sealed = {pk: base64.b64encode(seal(key.hex(), keys=settings.ENCRYPTION_KEYS)).decode() for pk, key in keys.items()}
    return {"version": VERSION, "keys": sealed, "erased": rows}


def put_back(found: dict[str, Any], *, now: datetime) -> int:
    """Adds what is missing; returns how many fingerprints. Raises NotAList, and SecretLost without the keys that
    sealed it. The next step is `erase.erase_again`."""
    if found.get("version") != VERSION:
        raise NotAList
    with transaction.atomic(), connection.cursor() as cursor:
        erased.hold_alone(cursor)
        ids = _keys(cursor, found["keys"], now=now)
        rows = found["erased"]
        cursor.execute(
            "insert into privacy_erased (key_id, namespace, print, at, refused)"
            " select n.key_id, n.namespace, n.print, n.at::timestamptz, 0"
            " from unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) n(key_id, namespace, print, at)"
            " on conflict do nothing",
            [
                numbers(ids[str(row[0])] for row in rows),
                texts([row[1] for row in rows]),
                texts([row[2] for row in rows]),
                texts([row[3] for row in rows]),
            ],
        )
        return int(cursor.rowcount)


def _keys(cursor: Cursor, sealed: dict[str, str], *, now: datetime) -> dict[str, int]:
    """Their numbers there → the numbers here."""
    here = {key: pk for pk, key in erased.opened_keys(cursor).items()}
    found = {}
    for number, text in sealed.items():
        key = bytes.fromhex(unseal(base64.b64decode(text), keys=settings.ENCRYPTION_KEYS))
        found[str(number)] = here.get(key) or erased.keep_key(cursor, key, now=now)
    return found


def write_beside(path: Path) -> None:
    """The list as a file, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made = path.with_suffix(".new")
    made.write_text(json.dumps(listed()), encoding="utf-8")
    made.chmod(0o600)
    made.replace(path)


def read_beside(path: Path) -> dict[str, Any] | None:
    """The list in the file; None if there is none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise NotAList from error
    if not isinstance(found, dict):
        raise NotAList
    return found
