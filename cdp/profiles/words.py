"""The ledger of words: what records are told, appended in the transaction that tells them."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from cdp.common.copying import Cursor, copy_rows
from cdp.profiles.remaining import Spoken
from cdp.profiles.sightings import Said, Sighting

COLUMNS = ("profile_id", "record_id", "name", "value", "said_at", "cause", "old_value", "old_at", "at")
Row = tuple[Any, ...]


def row(one: Sighting, name: str, said: Said, *, replaced: Spoken | None, now: datetime) -> Row:
    old = (None, None) if replaced is None else (json.dumps(replaced[0]), replaced[1])
    return (one.profile_id, one.record_id, name, json.dumps(said.value), said.at, said.cause, *old, now)


def is_kept(said: Said, known: Spoken | None) -> bool:
    """Whether a word that counts goes into the ledger. A live source that repeats itself says nothing that could be
    taken back: most identify calls do, and would otherwise write a row per trait each time."""
    return known is None or said.value != known[0] or said.is_import


def keep(cursor: Cursor, rows: Iterable[Row]) -> None:
    copy_rows(cursor, "profiles_traitword", COLUMNS, rows)
