"""Who newcomers are: what little a first event says. The same when it is learned from and when people are scored."""

from collections.abc import Collection
from datetime import datetime

from django.db import connection

from cdp.common.copying import numbers
from scoring.cold import Newcomer

_NEWCOMERS = """
select p.id, f.name, coalesce(a.name, ''), exists (select 1 from profiles_identifier i
         where i.profile_id = p.id and i.namespace = 'email' and i.first_seen_at <= %s)
  from profiles_profile p cross join lateral (
    select e.name, e.source_id from events_event e where e.profile_id = p.id and e.occurred_at <= %s
     order by e.occurred_at, e.source_id, e.message_id limit 1) f
  left join accounts_source a on a.id = f.source_id
 where p.id = any(%s::bigint[]) order by p.id
"""


def newcomers(profile_ids: Collection[int], moment: datetime) -> dict[int, Newcomer]:
    """Of those who had done something by then, by ascending id."""
    if not profile_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_NEWCOMERS, [moment, moment, numbers(profile_ids)])
        return {profile_id: Newcomer(*facts) for profile_id, *facts in cursor.fetchall()}
