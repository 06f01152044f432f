"""Anonymous people who have been silent for long: erased by the shop's own rule, without a fingerprint. If the browser
comes back it is somebody new."""

from datetime import datetime, timedelta

from django.db import connection, transaction

from cdp.common.advisory import IDENTITY_LOCK
from cdp.common.belongings import Person
from cdp.common.copying import numbers
from cdp.privacy import erased, rows
from cdp.privacy.models import Retention

BATCH = 200
MOST = 20_000
"""People in one night's run."""
ANONYMOUS = """
select p.id from profiles_profile p
 where p.merged_into is null and p.last_seen_on < %s and p.last_seen_at < %s and p.id > %s
   and not exists (select from profiles_identifier i where i.profile_id = p.id and i.namespace <> 'anonymous_id')
   and not exists (select from profiles_record r where r.profile_id = p.id and r.key not like 'anon:%%')
 order by p.id limit %s
"""


def forget(*, now: datetime, most: int = MOST) -> int:
    """Returns how many people went; nobody while there is no rule."""
    rule = Retention.objects.filter(what=Retention.What.ANONYMOUS).exclude(days=None).first()
    if rule is None or rule.days is None:
        return 0
    before, total, after = now - timedelta(days=rule.days), 0, 0
    while total < most:
        ids = _batch(before, after)
        if not ids:
            break
        total, after = total + len(ids), ids[-1]
    Retention.objects.filter(pk=rule.pk).update(ran_at=now, deleted=rule.deleted + total)
    return total


@transaction.atomic
def _batch(before: datetime, after: int) -> list[int]:
    """Under the locks of an erasure: nobody is taken in meanwhile."""
    with connection.cursor() as cursor:
        erased.hold_alone(cursor)
        cursor.execute("select pg_advisory_xact_lock(%s)", [IDENTITY_LOCK])
        cursor.execute(ANONYMOUS, [before.date() + timedelta(days=1), before, after, BATCH])
        ids = [row[0] for row in cursor.fetchall()]
        if not ids:
            return []
        cursor.execute(
            "select id from profiles_profile where id = any(%(ids)s::bigint[]) or merged_into = any(%(ids)s::bigint[])"
            " order by id for update",
            {"ids": numbers(ids)},
        )
        every = tuple(row[0] for row in cursor.fetchall())
        cursor.execute("select id from profiles_record where profile_id = any(%s::bigint[])", [numbers(every)])
        people = Person(profile_ids=every, record_ids=tuple(row[0] for row in cursor.fetchall()))
        for one in rows.erased():
            rows.erase(cursor, one, people)
        return ids
