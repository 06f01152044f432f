"""The queues of profiles whose facts changed. Each reader registers itself and claims from its own."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import lru_cache

from cdp.common.claims import give_back_when_idle
from cdp.common.copying import Cursor, copy_rows

EVERYBODY = 0
"""In place of a profile id: the fact changed for so many at once that readers look at everybody."""
FIRST = "first"
"""In place of a fact's name: an event of a kind that the person never did before."""
REGROUPED = frozenset({"merge", "unmerge"})
Facts = Callable[[Cursor], frozenset[str]]
_readers: dict[str, frozenset[str] | Facts | None] = {}


def register_reader(name: str, *, only: Iterable[str] | Facts | None = None) -> None:
    """`only`: the facts it looks at, or what reads them where they change while it runs. Of profiles touched for other
    reasons it gets no row, and costs nothing."""
    _readers[name] = only if only is None or callable(only) else frozenset(only)


def touch(cursor: Cursor, names_by_profile: Mapping[int, Iterable[str]], *, now: datetime) -> None:
    """One row per reader and profile, in the transaction that changed the facts."""
    if not names_by_profile:
        return
    wanted = [(reader, only(cursor) if callable(only) else only) for reader, only in sorted(_readers.items())]
    rows = [
        (reader, profile_id, _as_json(frozenset(names)), now)
        for reader, only in wanted
        for profile_id, names in names_by_profile.items()
        if only is None or not only.isdisjoint(names)
    ]
    copy_rows(cursor, "profiles_touched", ("reader", "profile_id", "names", "at"), rows)


def touch_everybody(cursor: Cursor, names: Iterable[str], *, now: datetime) -> None:
    """One row per reader instead of one per profile: a definition, the catalogue, a cut or all scores changed."""
    touch(cursor, {EVERYBODY: names}, now=now)


@lru_cache(maxsize=4096)
def _as_json(names: frozenset[str]) -> str:
    """Most profiles were touched by one of a few events."""
    return json.dumps(sorted(names))


def claim(cursor: Cursor, reader: str, *, limit: int) -> list[tuple[int, bool, list[str]]]:
    """Deletes and returns the oldest of the reader's rows that no other worker has.

    Each is (profile id, whether this very change created the profile, names); a rollback puts them back.
    """
    give_back_when_idle(cursor)
    cursor.execute(
        "with taken as (delete from profiles_touched where id in (select id from profiles_touched"
        " where reader = %s order by id limit %s for update skip locked) returning profile_id, names, at)"
        " select t.profile_id, coalesce(p.created_at >= t.at, false), t.names::text"
        " from taken t left join profiles_profile p on p.id = t.profile_id",
        [reader, limit],
    )
    return [(profile_id, is_new, json.loads(names)) for profile_id, is_new, names in cursor.fetchall()]
