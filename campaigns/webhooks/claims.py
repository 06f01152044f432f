"""Which messages are posted next. A claim is a lease: while it runs the row is not due, and who dies loses nothing."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from campaigns.models import Endpoint, WebhookMessage
from cdp.common.copying import numbers

LEASE = timedelta(minutes=5)
"""Longer than a lane takes when each request takes as long as it may."""
LANE = 60
"""Messages of one endpoint in one claim."""
DOUBTED = 5
"""After so many failures in a row an endpoint is asked one message at a time."""
_CLAIM = """
with open as (
  select e.id, case when e.failures >= %(doubted)s then 1 else %(lane)s end as room from campaigns_endpoint e
   where e.state = 'on' and (e.rests_until is null or e.rests_until <= %(now)s) and e.id <> all(%(but)s::bigint[])
), due as (
  select d.id from open cross join lateral (
    select m.id from campaigns_webhookmessage m
     where m.endpoint_id = open.id and m.state = 'waiting' and m.next_at <= %(now)s
     order by m.next_at, m.id limit open.room for update skip locked) d
)
update campaigns_webhookmessage m
   set next_at = %(until)s, lease_until = %(until)s, fence = pg_current_xact_id()::text::bigint
  from due where m.id = due.id
returning m.id
"""
_GIVE_BACK = """
update campaigns_webhookmessage m set next_at = %s, lease_until = null
  from unnest(%s::bigint[], %s::bigint[]) n (id, fence)
 where m.id = n.id and m.fence = n.fence and m.state = 'waiting'
"""


def claim(*, now: datetime, but: Collection[int] = ()) -> dict[int, list[WebhookMessage]]:
    """By endpoint, in the order in which they fell due. `but`: endpoints whose messages are at hand already."""
    with connection.cursor() as cursor:
        cursor.execute(
            _CLAIM,
            {"doubted": DOUBTED, "lane": LANE, "now": now, "until": now + LEASE, "but": numbers(but)},
        )
        ids = [row[0] for row in cursor.fetchall()]
    found: dict[int, list[WebhookMessage]] = defaultdict(list)
    if ids:
        for message in WebhookMessage.objects.filter(pk__in=ids).order_by("id"):
            found[message.endpoint_id].append(message)
    return found


def give_back(messages: Iterable[WebhookMessage], *, now: datetime) -> None:
    """What was claimed and not posted."""
    if held := list(messages):
        with connection.cursor() as cursor:
            ids, fences = numbers(one.pk for one in held), numbers(one.fence for one in held)
            cursor.execute(_GIVE_BACK, [now, ids, fences])


def is_due(*, now: datetime) -> bool:
    on = Endpoint.objects.filter(state=Endpoint.State.ON)
    due = WebhookMessage.objects.filter(endpoint=OuterRef("pk"), state=WebhookMessage.State.WAITING, next_at__lte=now)
    return on.filter(Q(rests_until=None) | Q(rests_until__lte=now)).filter(Exists(due)).exists()
