"""Interactions out of the event store: of everybody as a stream of binary rows, of some people by their ids."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from scoring.recommend.interactions import EVENTS, Did, Interactions, Ints, interactions

LOOKS_BACK = timedelta(days=365)
MOST_ROWS = 8_000_000
"""Learned from at once (60 bytes each at the peak): of larger shops every n-th person."""
LATEST = 200
"""Of a person: what lies behind changes no list."""

# An order with lines may name an item of its own as well; its lines say more.
_SINGLE = """
    (e.name <> 'Order Completed' or not exists (
        select from events_eventitem l where l.profile_id = e.profile_id and l.occurred_at = e.occurred_at
           and l.message_id = e.message_id and l.source_id = e.source_id))"""
_EVERYBODY = f"""
copy (
  select e.profile_id::int8, c.code::int4, k.did::int4, extract(epoch from e.occurred_at)::float8
    from events_event e
    join unnest(%(names)s::text[], %(dids)s::int[]) k (name, did) on k.name = e.name
    join unnest(%(items)s::text[]) with ordinality c (id, code) on c.id = e.item_id
   where e.name = any(%(names)s::text[]) and e.occurred_at > %(since)s and e.occurred_at <= %(until)s
     and e.profile_id %% %(every)s = 0 and {_SINGLE}
  union all
  select t.profile_id::int8, c.code::int4, {Did.ORDER.value}::int4, extract(epoch from t.occurred_at)::float8
    from events_eventitem t
    join unnest(%(items)s::text[]) with ordinality c (id, code) on c.id = t.item_id
   where t.name = 'Order Completed' and t.occurred_at > %(since)s and t.occurred_at <= %(until)s
     and t.profile_id %% %(every)s = 0
) to stdout (format binary)"""
_RECORD = np.dtype(
    [
        ("fields", ">i2"),
        ("l1", ">i4"), ("person", ">i8"), ("l2", ">i4"), ("item", ">i4"),
        ("l3", ">i4"), ("did", ">i4"), ("l4", ">i4"), ("at_s", ">f8"),
    ]
)  # fmt: skip
"""A row of PostgreSQL's binary COPY whose columns are never null: all have one length."""
HEADER, TRAILER = 19, 2

_OF_PEOPLE = f"""
select x.profile_id, x.item_id, x.did, extract(epoch from x.occurred_at)::float8
  from profiles_profile p cross join lateral (
    (select e.profile_id, e.item_id, k.did, e.occurred_at
       from events_event e join unnest(%(names)s::text[], %(dids)s::int[]) k (name, did) on k.name = e.name
      where e.profile_id = p.id and e.item_id is not null and e.name = any(%(names)s::text[])
        and e.occurred_at > %(since)s and e.occurred_at <= %(until)s and {_SINGLE}
      order by e.occurred_at desc, e.item_id limit {LATEST})
    union all
    (select t.profile_id, t.item_id, {Did.ORDER.value}, t.occurred_at from events_eventitem t
      where t.profile_id = p.id and t.name = 'Order Completed'
        and t.occurred_at > %(since)s and t.occurred_at <= %(until)s
      order by t.occurred_at desc, t.item_id limit {LATEST})) x
 where p.id = any(%(ids)s)"""


def of_everybody(items: Sequence[str], *, until: datetime) -> Interactions:
    """The year before, with the positions of `items`; items that are not among them are left out."""
    rows = _Rows()
    values = {**_window(until), "items": list(items), "every": _every()}
    with connection.cursor() as cursor:
        cursor.cursor.copy_expert(cursor.mogrify(_EVERYBODY, values).decode(), rows)
    return rows.read()


def of_people(profile_ids: Sequence[int], *, until: datetime) -> list[tuple[int, str, int, float]]:
    """(profile id, item id, what was done, when in seconds), the latest of each."""
    with connection.cursor() as cursor:
        cursor.execute(_OF_PEOPLE, {**_window(until), "ids": list(profile_ids)})
        return list(cursor.fetchall())


def coded(rows: Sequence[tuple[int, str, int, float]], position: dict[str, int]) -> Interactions:
    """Rows of known items as arrays."""
    known = [(who, position[item], did, at_s) for who, item, did, at_s in rows if item in position]
    columns: Sequence[Any] = list(zip(*known, strict=True)) if known else [(), (), (), ()]
    return interactions(
        np.array(columns[0], dtype=np.int64),
        np.array(columns[1], dtype=np.int64),
        np.array(columns[2], dtype=np.int64),
        np.array(columns[3], dtype=np.float64),
    )


def with_history(profile_ids: Sequence[int], *, until: datetime) -> set[int]:
    """Who of them did something with an item in the year before."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct profile_id from events_eventstate"
            " where profile_id = any(%s) and name = any(%s) and last_at > %s",
            [list(profile_ids), list(EVENTS), until - LOOKS_BACK],
        )
        return {row[0] for row in cursor.fetchall()}


def everybody(*, until: datetime, size: int) -> Iterator[list[int]]:
    """Living people with a history, some at a time."""
    after = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "select distinct profile_id from events_eventstate where profile_id > %s and name = any(%s)"
                " and last_at > %s order by profile_id limit %s",
                [after, list(EVENTS), until - LOOKS_BACK, size],
            )
            found = [row[0] for row in cursor.fetchall()]
        if not found:
            return
        yield found
        after = found[-1]


def how_many(*, until: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(distinct profile_id) from events_eventstate where name = any(%s) and last_at > %s",
            [list(EVENTS), until - LOOKS_BACK],
        )
        return int(cursor.fetchone()[0])


def _window(until: datetime) -> dict[str, Any]:
    dids = [int(did) for did in EVENTS.values()]
    return {"names": list(EVENTS), "dids": dids, "since": until - LOOKS_BACK, "until": until}


def _every() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select coalesce(sum(n), 0) from events_eventstate where name = any(%s)", [list(EVENTS)])
        return int(cursor.fetchone()[0]) // MOST_ROWS + 1


class _Rows:
    """A file that COPY writes to: compact columns instead of text."""

    def __init__(self) -> None:
        self._rest = b""
        self._is_begun = False
        self._parts: list[NDArray[np.void]] = []

    def write(self, data: bytes) -> int:
        self._rest += data
        if not self._is_begun and len(self._rest) >= HEADER:
            self._rest, self._is_begun = self._rest[HEADER:], True
        if self._is_begun and len(self._rest) > (1 << 20):
            self._take()
        return len(data)

    def read(self) -> Interactions:
        self._take()
        compact = [("person", "i8"), ("item", "i4"), ("did", "i1"), ("at_s", "f8")]
        rows = np.concatenate([np.empty(0, dtype=compact), *self._parts])
        return interactions(rows["person"], _wide(rows["item"]), _wide(rows["did"]), rows["at_s"])

    def _take(self) -> None:
        n = len(self._rest) // _RECORD.itemsize
        found = np.frombuffer(self._rest, dtype=_RECORD, count=n)
        self._rest = self._rest[n * _RECORD.itemsize :]
        made = np.empty(n, dtype=[("person", "i8"), ("item", "i4"), ("did", "i1"), ("at_s", "f8")])
        for name in made.dtype.names or ():
            made[name] = found[name] - 1 if name == "item" else found[name]
        self._parts.append(made)


def _wide(column: NDArray[Any]) -> Ints:
    return column.astype(np.int64)
