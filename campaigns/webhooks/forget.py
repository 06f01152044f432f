"""Messages are kept for some days, delivered or not."""

from datetime import datetime, timedelta

from django.db import connection

AT_ONCE = 5_000


def forget(*, days: int, now: datetime) -> int:
    """In short transactions, so that nobody waits. Returns how many went."""
    before, total = now - timedelta(days=days), 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(
                "delete from campaigns_webhookmessage where id in (select id from campaigns_webhookmessage"
                " where created_at < %s and (lease_until is null or lease_until < %s) order by created_at limit %s)",
                [before, now, AT_ONCE],
            )
            n = int(cursor.rowcount)
            total += n
            if n < AT_ONCE:
                return total
