"""Setting endpoints up: every change is in the audit log, and a secret is told once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction

from campaigns.models import Endpoint, WebhookMessage
from campaigns.webhooks.kinds import Wants
from campaigns.webhooks.read import begin
from campaigns.webhooks.sign import new_secret
from cdp.accounts.audit import record
from cdp.accounts.models import User
from cdp.common.secrets import seal, unseal

BOTH_VALID = timedelta(hours=24)
"""After a secret was replaced messages carry the signatures of both."""
State = Endpoint.State


@dataclass(frozen=True)
class Plan:
    """What somebody wants an endpoint to be; checked by campaigns/webhooks/checked.py."""

    name: str
    url: str
    wants: Wants


@dataclass(frozen=True)
class Doer:
    """Somebody at a page, or a token (`token:<id>`)."""

    user: User | None
    name: str = ""

    def note(self, verb: str, endpoint: Endpoint, *, now: datetime, **details: object) -> None:
        by = {"by": self.name} if self.name else {}
        record(self.user, verb=verb, target=endpoint.name, details={**details, **by}, now=now)


@transaction.atomic
def create(plan: Plan, *, by: Doer, now: datetime) -> tuple[Endpoint, str]:
    """The endpoint and its secret, which is never told again."""
    secret = new_secret()
    with connection.cursor() as cursor:
        since = begin(cursor)
    made = Endpoint.objects.create(
        name=plan.name,
        url=plan.url,
        wants=plan.wants.document,
        secret=seal(secret, keys=settings.ENCRYPTION_KEYS),
        since_xact=since,
        created_by=by.user,
        created_at=now,
        changed_at=now,
    )
    by.note("created webhook", made, now=now, **_told(plan))
    return made, secret


@transaction.atomic
def change(endpoint: Endpoint, *, plan: Plan, by: Doer, now: datetime) -> None:
    """What waits already is posted to the new address."""
    with connection.cursor() as cursor:
        begin(cursor)
    endpoint.name, endpoint.url, endpoint.wants, endpoint.changed_at = plan.name, plan.url, plan.wants.document, now
    endpoint.save(update_fields=["name", "url", "wants", "changed_at"])
    by.note("changed webhook", endpoint, now=now, **_told(plan))


@transaction.atomic
def pause(endpoint: Endpoint, *, by: Doer, now: datetime) -> None:
    if Endpoint.objects.filter(pk=endpoint.pk, state=State.ON).update(state=State.PAUSED, changed_at=now):
        by.note("paused webhook", endpoint, now=now)


@transaction.atomic
def resume(endpoint: Endpoint, *, by: Doer, now: datetime) -> None:
    """What waited is posted now. What happened while it was switched off by itself is not told."""
    with connection.cursor() as cursor:
        since = begin(cursor)
    row = Endpoint.objects.select_for_update().get(pk=endpoint.pk)
    if row.state == State.ON:
        return
    if row.state == State.DISABLED:
        row.since_xact = since
    row.state, row.disabled_because, row.changed_at = State.ON, "", now
    row.failures, row.failing_since, row.rests_until = 0, None, None
    row.save()
    by.note("switched on webhook", endpoint, now=now)


@transaction.atomic
def rotate(endpoint: Endpoint, *, by: Doer, now: datetime) -> str:
    """The new secret. The one before it signs as well for a day."""
    row, secret = Endpoint.objects.select_for_update().get(pk=endpoint.pk), new_secret()
    row.old_secret, row.old_until, row.changed_at = row.secret, now + BOTH_VALID, now
    row.secret = seal(secret, keys=settings.ENCRYPTION_KEYS)
    row.save(update_fields=["secret", "old_secret", "old_until", "changed_at"])
    by.note("replaced secret of webhook", endpoint, now=now)
    return secret


@transaction.atomic
def delete(endpoint: Endpoint, *, by: Doer, now: datetime) -> None:
    by.note("deleted webhook", endpoint, now=now, address=endpoint.url)
    with connection.cursor() as cursor:
        # One statement: Django would read every message to delete it.
        cursor.execute("delete from campaigns_webhookmessage where endpoint_id = %s", [endpoint.pk])
    endpoint.delete()


@transaction.atomic
def again(endpoint: Endpoint, *, message_id: int | None = None, by: Doer, now: datetime) -> int:
    """Posts one message once more, with its old `webhook-id`; without `message_id` all that were given up."""
    rows = WebhookMessage.objects.filter(endpoint=endpoint).exclude(state=WebhookMessage.State.WAITING)
    rows = rows.filter(pk=message_id) if message_id else rows.filter(state=WebhookMessage.State.DEAD)
    n = rows.update(state=WebhookMessage.State.WAITING, attempts=0, next_at=now, lease_until=None)
    if n:
        by.note("sent again of webhook", endpoint, now=now, messages=n)
    return n


@transaction.atomic
def seal_anew(*, secrets: Sequence[str]) -> int:
    """Encrypts the secrets of every endpoint with the first key. Raises SecretLost, and then nothing was changed."""
    endpoints = list(Endpoint.objects.select_for_update().order_by("pk"))
    for one in endpoints:
        one.secret = seal(unseal(bytes(one.secret), keys=secrets), keys=secrets)
        if one.old_secret is not None:
            one.old_secret = seal(unseal(bytes(one.old_secret), keys=secrets), keys=secrets)
        one.save(update_fields=["secret", "old_secret"])
    return len(endpoints)


def _told(plan: Plan) -> dict[str, object]:
    return {"address": plan.url, "wants": plan.wants.document}
