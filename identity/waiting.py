"""The queue of records that are new or changed and not yet compared with others. One reader: identity.incremental."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from cdp.common.claims import give_back_when_idle
from cdp.common.copying import Cursor, copy_rows
from cdp.profiles.sightings import Sighting
from identity.record_values import is_compared

COLUMNS = ("record_id", "at", "is_held")


def changed(sightings: Iterable[Sighting], kinds: Mapping[str, str]) -> list[int]:
    """Records of which a trait that is compared has another value now."""
    return [one.record_id for one in sightings if any(is_compared(name, kinds) for name in one.changed)]


def add(cursor: Cursor, record_ids: Iterable[int], *, now: datetime) -> None:
    """In the transaction that changed them."""
    copy_rows(cursor, "identity_waiting", COLUMNS, [(record_id, now, False) for record_id in record_ids])


def add_restated(cursor: Cursor, record_ids: Collection[int], now: datetime) -> None:
    """What they said was taken back: they are compared anew by what they say now."""
    add(cursor, record_ids, now=now)


def claim(cursor: Cursor, *, limit: int) -> list[int]:
    """Deletes and returns the oldest; a rollback puts them back."""
    give_back_when_idle(cursor)
    cursor.execute(
        "delete from identity_waiting where id in (select id from identity_waiting where not is_held order by id"
        " limit %s for update skip locked) returning record_id",
        [limit],
    )
    return sorted({record_id for (record_id,) in cursor.fetchall()})


def hold(cursor: Cursor, record_ids: Iterable[int], *, now: datetime) -> None:
    """Compared, but to be compared again when the full pass that is under way has ended."""
    copy_rows(cursor, "identity_waiting", COLUMNS, [(record_id, now, True) for record_id in record_ids])


def release(cursor: Cursor) -> None:
    cursor.execute("update identity_waiting set is_held = false where is_held")
