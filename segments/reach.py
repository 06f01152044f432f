"""Which share of people can be written to, per channel, by what addresses they have and what they said."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True)
class Channel:
    key: str
    name: str
    namespace: str
    """Of the identifiers it writes to."""
    purpose: str
    """What must not have been denied."""


CHANNELS = (
    Channel("email", "E-mail", "email", "email-marketing"),
    Channel("sms", "Text message", "phone", "sms-marketing"),
)


@dataclass(frozen=True)
class Reach:
    """Among `of` people: how many have an address, may be written to, and said yes."""

    channel: Channel
    of: int
    with_address: int
    reachable: int
    agreed: int


# The most restrictive word among a person's addresses counts, as when a mail is sent; a suppressed address is none.
_REACH = """
with asked as (select unnest(%(ids)s::bigint[]) as profile_id),
     addressed as (select i.profile_id, bool_or(s.value is null) as is_open
                     from profiles_identifier i
                     left join privacy_suppression s on s.namespace = i.namespace and s.value = i.value
                    where i.profile_id = any(%(ids)s) and i.namespace = %(namespace)s and i.dropped_for in ('', 'hint')
                    group by i.profile_id),
     said as (select profile_id, bool_and(is_granted) as is_granted from (
                select distinct on (i.profile_id, c.namespace, c.value) i.profile_id, c.is_granted
                  from profiles_identifier i join privacy_consent c using (namespace, value)
                 where i.profile_id = any(%(ids)s) and c.purpose = %(purpose)s and c.topic = ''
                 order by i.profile_id, c.namespace, c.value, c.last_at desc, c.is_granted) newest
               group by profile_id)
select count(*), count(a.profile_id), count(*) filter (where a.is_open and said.is_granted is not false),
       count(*) filter (where a.is_open and said.is_granted)
  from asked left join addressed a using (profile_id) left join said using (profile_id)
"""


def reach(profile_ids: Sequence[int]) -> list[Reach]:
    return [_through(channel, profile_ids) for channel in CHANNELS]


def _through(channel: Channel, profile_ids: Sequence[int]) -> Reach:
    values: dict[str, str | list[int]] = {
        "ids": list(profile_ids),
        "namespace": channel.namespace,
        "purpose": channel.purpose,
    }
    with connection.cursor() as cursor:
        cursor.execute(_REACH, values)
        return Reach(channel, *cursor.fetchone())
