"""Who asked to be erased, known again by fingerprints: nothing about them is taken in any more.

Whoever takes in facts about people calls `hold` at the beginning of the transaction and `among` before writing. An
erasure takes the same lock alone while it writes the fingerprints: what was under way before has committed by then and
is erased with the rest; what comes later finds them.
"""

import hashlib
import hmac
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache

from django.conf import settings

from cdp.common.advisory import ERASURE_LOCK
from cdp.common.copying import Cursor, copy_rows, texts
from cdp.common.secrets import seal, unseal

Address = tuple[str, str]
"""(namespace, value) in the form in which identity compares them."""
KEY_BYTES = 32


def hold(cursor: Cursor) -> None:
    """Until commit no erasure begins. Costs one statement, and waits only while a list of fingerprints is written."""
    cursor.execute("select pg_advisory_xact_lock_shared(%s)", [ERASURE_LOCK])


def hold_alone(cursor: Cursor) -> None:
    """Until commit nothing is taken in. Taken before the lock of identity."""
    cursor.execute("select pg_advisory_xact_lock(%s)", [ERASURE_LOCK])


def is_any(cursor: Cursor) -> bool:
    cursor.execute("select exists (select from privacy_erased)")
    return bool(cursor.fetchone()[0])


def among(cursor: Cursor, addresses: Collection[Address]) -> dict[Address, int]:
    """Those of the addresses that belonged to somebody erased, with the id of their fingerprint."""
    if not addresses or not is_any(cursor):
        return {}
    found: dict[Address, int] = {}
    for key_id, key in _keys(cursor).items():
        prints = {fingerprint(one, key=key): one for one in addresses}
        cursor.execute(
            "select id, namespace, print from privacy_erased where key_id = %s and print = any(%s::text[])",
            [key_id, texts(list(prints))],
        )
        found |= {prints[made]: pk for pk, namespace, made in cursor.fetchall() if prints[made][0] == namespace}
    return found


def without(cursor: Cursor, addresses: Sequence[Address], *, now: datetime) -> list[Address]:
    """The addresses but those of people who were erased, which are counted."""
    gone = among(cursor, set(addresses))
    if not gone:
        return list(addresses)
    count(cursor, (gone[one] for one in addresses if one in gone), now=now)
    return [one for one in addresses if one not in gone]


def count(cursor: Cursor, ids: Iterable[int], *, now: datetime) -> None:
    """One refusal for each id given: rows of their own, since an update would make workers wait for each other."""
    refused: dict[int, int] = {}
    for pk in ids:
        refused[pk] = refused.get(pk, 0) + 1
    copy_rows(cursor, "privacy_refusal", ("erased_id", "n", "at"), [(pk, n, now) for pk, n in refused.items()])


def add_up(cursor: Cursor) -> int:
    """What was refused, into the list itself. Returns how many rows went."""
    cursor.execute(
        "with gone as (delete from privacy_refusal returning erased_id, n, at),"
        " summed as (select erased_id, sum(n) n, max(at) at from gone group by 1),"
        " noted as (update privacy_erased e set refused = e.refused + s.n, refused_at = s.at from summed s"
        " where e.id = s.erased_id) select count(*) from gone"
    )
    return int(cursor.fetchone()[0])


def add(cursor: Cursor, addresses: Iterable[Address], *, request_id: int | None, now: datetime) -> int:
    """Puts addresses on the list; those that are on it stay as they are. Returns how many are new."""
    known = _keys(cursor)
    key_id, key = next(iter(known.items())) if known else _make_key(cursor, now=now)
    rows = sorted({(namespace, fingerprint((namespace, value), key=key)) for namespace, value in addresses})
    cursor.execute(
        "insert into privacy_erased (namespace, print, key_id, request_id, at, refused)"
        " select namespace, print, %s, %s, %s, 0 from unnest(%s::text[], %s::text[]) n(namespace, print)"
        " on conflict do nothing",
        [key_id, request_id, now, texts([row[0] for row in rows]), texts([row[1] for row in rows])],
    )
    return int(cursor.rowcount)


def fingerprint(one: Address, *, key: bytes) -> str:
    """HMAC-SHA-256 of kind and value: RFC 2104."""
    return hmac.digest(key, "\0".join(one).encode("utf-8", "replace"), hashlib.sha256).hex()


def seal_anew(cursor: Cursor, *, keys: Sequence[str]) -> int:
    """Encrypts the keys of the fingerprints with the first of `keys`; the fingerprints stay. Returns how many."""
    cursor.execute("select id, sealed from privacy_erasurekey order by id for update")
    rows = cursor.fetchall()
    for pk, sealed in rows:
        cursor.execute(
            "update privacy_erasurekey set sealed = %s where id = %s",
            [seal(unseal(bytes(sealed), keys=keys), keys=keys), pk],
        )
    return len(rows)


def _keys(cursor: Cursor) -> Mapping[int, bytes]:
    """Id → key, the oldest first."""
    cursor.execute("select id, sealed from privacy_erasurekey order by id")
    return {pk: _opened(bytes(sealed), tuple(settings.ENCRYPTION_KEYS)) for pk, sealed in cursor.fetchall()}


@lru_cache(maxsize=8)
def _opened(sealed: bytes, keys: tuple[str, ...]) -> bytes:
    """Kept, because to unseal takes longer than to look up a thousand fingerprints."""
    return bytes.fromhex(unseal(sealed, keys=keys))


def _make_key(cursor: Cursor, *, now: datetime) -> tuple[int, bytes]:
    key = secrets.token_bytes(KEY_BYTES)
    return keep_key(cursor, key, now=now), key


def keep_key(cursor: Cursor, key: bytes, *, now: datetime) -> int:
    cursor.execute(
        "insert into privacy_erasurekey (sealed, created_at) values (%s, %s) returning id",
        [seal(key.hex(), keys=settings.ENCRYPTION_KEYS), now],
    )
    return int(cursor.fetchone()[0])


def opened_keys(cursor: Cursor) -> Mapping[int, bytes]:
    """For copies of the list (erased_list.py)."""
    return _keys(cursor)
