"""Addresses that must not be written to. Those of people who were erased stay as fingerprints (erased.py)."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection

from cdp.privacy import erased
from cdp.profiles.addresses import address

from .consent import Address
from .models import Suppression
from .told import tell

Reason = Suppression.Reason


def suppress(
    addresses: Iterable[Address], *, reason: Suppression.Reason, now: datetime, note: str = ""
) -> list[Address]:
    """Adds those that are not suppressed yet and returns them; the first reason stays. Nobody writes to people who
    were erased: of their addresses nothing is kept."""
    rows = sorted({(space, form) for space, value in addresses if (form := address(space, value))})
    if not rows:
        return []
    with connection.cursor() as cursor:
        rows = erased.without(cursor, rows, now=now)
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
