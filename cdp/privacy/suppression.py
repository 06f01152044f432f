"""Addresses that must not be written to, and people who asked to be erased, of whom only a fingerprint stays."""

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection

from cdp.common.copying import Cursor
from cdp.profiles.addresses import address

from .consent import Address
from .models import Suppression
from .told import tell

Reason = Suppression.Reason


def fingerprint(one: Address, *, key: str) -> str:
    """What is kept of an erased address: enough to know it again, not enough to read it (HMAC-SHA-256)."""
    return "#" + hmac.new(key.encode(), "\0".join(one).encode(), hashlib.sha256).hexdigest()


def suppress(
    addresses: Iterable[Address], *, reason: Suppression.Reason, now: datetime, note: str = ""
) -> list[Address]:
    """Adds those that are not suppressed yet and returns them; the first reason stays."""
    rows = sorted({(space, form) for space, value in addresses if (form := address(space, value))})
    if not rows:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            """insert into privacy_suppression (namespace, value, reason, note, at)
               select namespace, value, %s, %s, %s from unnest(%s::text[], %s::text[]) n (namespace, value)
               on conflict do nothing returning namespace, value""",
            [reason, note[:200], now, [space for space, _ in rows], [value for _, value in rows]],
        )
        new: list[Address] = cursor.fetchall()
        tell(cursor, new, now=now)
        return new


def suppressed(namespace: str, values: Sequence[str]) -> set[str]:
    """Those of the addresses that must not be written to."""
    found = Suppression.objects.filter(namespace=namespace, value__in=values)
    return set(found.values_list("value", flat=True))


def erased(cursor: Cursor, addresses: Sequence[Address], *, keys: Sequence[str]) -> set[Address]:
    """Those of the addresses whose owner asked to be erased; `keys` are the present secret and its predecessors."""
    prints = {(one[0], fingerprint(one, key=key)): one for one in addresses for key in keys}
    cursor.execute(
        """select s.namespace, s.value from privacy_suppression s
             join unnest(%s::text[], %s::text[]) n (namespace, value) using (namespace, value)
            where s.reason = %s""",
        [[space for space, _ in prints], [value for _, value in prints], Reason.ERASED],
    )
    return {prints[space, value] for space, value in cursor.fetchall()}
