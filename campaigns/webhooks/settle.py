"""What became of posted messages, and what it says of their endpoint."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from django.db import connection, transaction
from django.db.models import F, Q

from campaigns.models import Endpoint, WebhookMessage
from campaigns.webhooks.back_off import next_attempt, rest
from campaigns.webhooks.post import GONE, Posted
from cdp.accounts.audit import record
from cdp.common.copying import numbers, texts

GIVEN_UP_AFTER = timedelta(days=5)
"""An endpoint that failed for so long, and never answered well in between, is switched off."""
State = WebhookMessage.State
_SETTLE = """
update campaigns_webhookmessage m
   set state = n.state, attempts = m.attempts + 1, next_at = n.next_at, lease_until = null, settled_at = %s,
       status = n.status, answer = n.answer, took_ms = n.took_ms
  from unnest(%s::bigint[], %s::bigint[], %s::text[], %s::timestamptz[], %s::int[], %s::text[], %s::int[])
    as n (id, fence, state, next_at, status, answer, took_ms)
 where m.id = n.id and m.fence = n.fence and m.state = 'waiting'
returning m.id
"""


@dataclass(frozen=True, slots=True)
class Result:
    message: WebhookMessage
    posted: Posted


@dataclass(frozen=True, slots=True)
class _Verdict:
    state: State
    next_at: datetime


@transaction.atomic
def settle(results: Sequence[Result], *, now: datetime, random: Random) -> int:
    """How many were ours to settle: of a claim that ran out another worker tells."""
    if not results:
        return 0
    # Endpoints first, in one order, so that two workers never wait for each other in a ring.
    for endpoint_id in sorted({one.message.endpoint_id for one in results}):
        _note(endpoint_id, [one.posted for one in results if one.message.endpoint_id == endpoint_id], now=now)
    verdicts = [_verdict(one, now=now, random=random) for one in results]
    with connection.cursor() as cursor:
        cursor.execute(
            _SETTLE,
            [
                now,
                numbers(one.message.pk for one in results),
                numbers(one.message.fence for one in results),
                texts([one.state.value for one in verdicts]),
                texts([one.next_at.isoformat() for one in verdicts]),
                "{"
                + ",".join("NULL" if one.posted.status is None else str(one.posted.status) for one in results)
                + "}",
                texts([one.posted.answer for one in results]),
                numbers(round(one.posted.took_s * 1000) for one in results),
            ],
        )
        return len(cursor.fetchall())


def _verdict(one: Result, *, now: datetime, random: Random) -> _Verdict:
    if one.posted.is_delivered:
        return _Verdict(State.DELIVERED, now)
    again = next_attempt(attempts=one.message.attempts + 1, now=now, random=random)
    if again is None:
        return _Verdict(State.DEAD, now)
    return _Verdict(State.WAITING, max(again, rest(one.posted.retry_after, now=now) or again))


def _note(endpoint_id: int, posted: Sequence[Posted], *, now: datetime) -> None:
    rows = Endpoint.objects.filter(pk=endpoint_id)
    failed = [one for one in posted if not one.is_delivered]
    if len(failed) < len(posted):
        rows.filter(Q(failures__gt=0) | Q(failing_since__isnull=False)).update(failures=0, failing_since=None)
    else:
        rows.update(failures=F("failures") + len(failed))
        rows.filter(failing_since=None).update(failing_since=now)
    if rests := [until for one in failed if (until := rest(one.retry_after, now=now))]:
        rows.update(rests_until=max(rests))
    if any(one.status == GONE for one in posted):
        _disable(endpoint_id, why="It answered 410 Gone: there is nobody at this address any more.", now=now)
    elif rows.filter(failing_since__lte=now - GIVEN_UP_AFTER).exists():
        _disable(
            endpoint_id, why=f"It failed for {GIVEN_UP_AFTER.days} days. The last answer: {_said(failed[-1])}", now=now
        )


def _said(posted: Posted) -> str:
    return posted.answer if posted.status is None else f"{posted.status}."


def _disable(endpoint_id: int, *, why: str, now: datetime) -> None:
    rows = Endpoint.objects.filter(pk=endpoint_id).exclude(state=Endpoint.State.DISABLED)
    for endpoint in rows.select_for_update():
        rows.update(state=Endpoint.State.DISABLED, disabled_because=why[:300], changed_at=now)
        record(None, verb="switched off webhook", target=endpoint.name, details={"because": why[:300]}, now=now)
