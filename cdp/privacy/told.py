"""Tells readers whose consent may be another: of the people who have the addresses that were spoken of."""

from collections.abc import Iterable
from datetime import datetime

from cdp.common.copying import Cursor
from cdp.profiles.touched import touch

FACT = "consent"
"""The name of the fact: a word, a suppression or an identifier of a person is new, or gone."""


def tell(cursor: Cursor, addresses: Iterable[tuple[str, str]], *, now: datetime) -> None:
    """In the transaction that changed what is known of these addresses, (namespace, value) each."""
    rows = sorted(set(addresses))
    if not rows:
        return
    cursor.execute(
        "select distinct i.profile_id from unnest(%s::text[], %s::text[]) n (namespace, value)"
        " join profiles_identifier i on i.namespace = n.namespace and i.value = n.value order by 1",
        [[namespace for namespace, _ in rows], [value for _, value in rows]],
    )
    touch(cursor, {profile_id: [FACT] for (profile_id,) in cursor.fetchall()}, now=now)
