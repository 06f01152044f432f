"""The table of keys under which records are found by records like them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cdp.common.copying import Cursor, copy_lines, numbers
from identity.columns import Kind
from identity.plain_keys import keys
from identity.record_values import Compared

LARGEST_BLOCK = 100
"""A key that more records have is passed over: it says little, and all of them would have to be compared."""

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Found:
    """Pairs (smaller id first) of the asked records with others or each other; keys that too many have."""

    pairs: set[Pair]
    passed_over: int


def put(cursor: Cursor, record_ids: Iterable[int], values: Mapping[int, Compared], columns: Mapping[str, Kind]) -> None:
    """These records have the keys of these values and no others. Who has no values has no keys."""
    ids = sorted(record_ids)
    cursor.execute("delete from identity_blockkey where record_id = any(%s::bigint[])", [numbers(ids)])
    add(cursor, {record_id: values[record_id] for record_id in ids if record_id in values}, columns)


def add(cursor: Cursor, values: Mapping[int, Compared], columns: Mapping[str, Kind]) -> None:
    """Records that have no keys yet."""
    lines = [f"{key}\t{record_id}" for record_id, of in values.items() for key in keys(of, columns)]
    if lines:
        copy_lines(cursor, "identity_blockkey", ("key", "record_id"), lines)


def without(cursor: Cursor, values: Mapping[int, Compared]) -> dict[int, Compared]:
    """Those of the records that have no keys."""
    cursor.execute(
        "select distinct record_id from identity_blockkey where record_id = any(%s::bigint[])", [numbers(values)]
    )
    there = {record_id for (record_id,) in cursor.fetchall()}
    return {record_id: of for record_id, of in values.items() if record_id not in there}


def find(cursor: Cursor, record_ids: Iterable[int]) -> Found:
    """Everyone who shares a key with these records."""
    asked = sorted(record_ids)
    cursor.execute(
        "select n.key, array_agg(b.record_id) from (select distinct key from identity_blockkey"
        " where record_id = any(%s::bigint[])) n cross join lateral (select record_id from identity_blockkey k"
        " where k.key = n.key limit %s) b group by 1 having count(*) > 1",
        [numbers(asked), LARGEST_BLOCK + 1],
    )
    is_asked = frozenset(asked)
    pairs: set[Pair] = set()
    passed_over = 0
    for _, members in cursor.fetchall():
        if len(members) > LARGEST_BLOCK:
            passed_over += 1
            continue
        for one in is_asked.intersection(members):
            pairs.update((min(one, other), max(one, other)) for other in members if other != one)
    return Found(pairs, passed_over)
