"""The queues of profiles whose facts changed. Each reader registers itself and claims from its own."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime

from cdp.common.copying import Cursor, copy_rows

_readers: set[str] = set()


def register_reader(name: str) -> None:
    _readers.add(name)


def touch(cursor: Cursor, names_by_profile: Mapping[int, Iterable[str]], *, now: datetime) -> None:
    """One row per reader and profile, in the transaction that changed the facts."""
    rows = [
        (reader, profile_id, json.dumps(sorted(names)), now)
        for reader in sorted(_readers)
        for profile_id, names in names_by_profile.items()
    ]
    copy_rows(cursor, "profiles_touched", ("reader", "profile_id", "names", "at"), rows)
