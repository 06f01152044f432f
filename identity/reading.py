"""Reads what of records is compared, and who is known to be two people."""

import json
from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from cdp.common.copying import Cursor, numbers, texts
from identity.linking import Apart
from identity.record_values import NAMESPACES, Compared, compared

CHUNK = 10_000


def read(cursor: Cursor, record_ids: Collection[int], kinds: Mapping[str, str]) -> dict[int, Compared]:
    """Of those that are there and tell enough to be compared, by ascending id."""
    if not record_ids:
        return {}
    wanted = numbers(record_ids)
    cursor.execute(
        "select id, traits::text from profiles_record where id = any(%s::bigint[]) and traits <> '{}' order by id",
        [wanted],
    )
    return _compared(cursor, cursor.fetchall(), kinds)


def read_chunk(cursor: Cursor, kinds: Mapping[str, str], *, after: int) -> tuple[list[int], dict[int, Compared]]:
    """The ids of the next records by ascending id, and the values of those of them that can be compared."""
    cursor.execute("select id, traits::text from profiles_record where id > %s order by id limit %s", [after, CHUNK])
    rows = cursor.fetchall()
    return [record_id for record_id, _ in rows], _compared(cursor, rows, kinds)


def _compared(cursor: Cursor, rows: Sequence[tuple[int, str]], kinds: Mapping[str, str]) -> dict[int, Compared]:
    cursor.execute(
        "select record_id, namespace, value from profiles_identifier"
        " where record_id = any(%s::bigint[]) and namespace = any(%s::text[])",
        [numbers(record_id for record_id, _ in rows), texts(NAMESPACES)],
    )
    identifiers: dict[int, list[tuple[str, str]]] = {}
    for record_id, namespace, value in cursor.fetchall():
        identifiers.setdefault(record_id, []).append((namespace, value))
    found = {}
    for record_id, traits in rows:
        values = compared(json.loads(traits), identifiers.get(record_id, ()), kinds)
        if values:
            found[record_id] = values
    return found


def read_apart(cursor: Cursor, record_ids: Sequence[int]) -> Apart | None:
    """A test of pairs of rows, row i being the record `record_ids[i]`; they ascend. None if nobody is kept apart."""
    columns = "separation_id, side, record_id"
    if len(record_ids) > CHUNK:
        cursor.execute(f"select {columns} from identity_apart order by 1, 2, 3")
    else:
        only = numbers(record_ids)
        cursor.execute(
            f"select {columns} from identity_apart where record_id = any(%s::bigint[]) order by 1, 2, 3", [only]
        )
    rows = cursor.fetchall()
    if not rows:
        return None
    ids = np.array(record_ids, np.int64)
    members: dict[int, dict[int, list[int]]] = {}
    for separation, side, record_id in rows:
        row = int(np.searchsorted(ids, record_id))
        if row < len(ids) and ids[row] == record_id:
            members.setdefault(separation, {}).setdefault(side, []).append(row)
    codes = {
        min(a, b) * len(ids) + max(a, b)
        for sides in members.values()
        for side, ones in sides.items()
        for other, others in sides.items()
        if side < other
        for a in ones
        for b in others
    }
    forbidden = np.array(sorted(codes), np.int64)

    def test(a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.bool_]:
        return np.isin(np.minimum(a, b) * len(ids) + np.maximum(a, b), forbidden)

    return test if len(forbidden) else None
