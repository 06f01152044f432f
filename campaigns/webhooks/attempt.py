"""A test: a message that says it is one, posted while somebody looks."""

from datetime import datetime
from random import Random

from campaigns.models import Endpoint, WebhookMessage
from campaigns.webhooks.bodies import written
from campaigns.webhooks.claims import LEASE
from campaigns.webhooks.deliver import With
from campaigns.webhooks.kinds import TEST
from campaigns.webhooks.post import post, secrets_of
from campaigns.webhooks.settle import Result, settle


def attempt(endpoint: Endpoint, *, given: With, now: datetime) -> WebhookMessage:
    """Posted at once, whether or not the endpoint is on; if it fails it is tried again like any other."""
    data = {"endpoint": endpoint.name, "text": "A test from Tributary. Nothing happened to anybody."}
    message = WebhookMessage.objects.create(
        endpoint=endpoint,
        kind=TEST,
        body=written(TEST, now, data),
        created_at=now,
        next_at=now + LEASE,
        lease_until=now + LEASE,
    )
    valid = secrets_of(endpoint, keys=given.keys, now=now)
    posted = post(endpoint.url, message, valid=valid, client=given.client, now=now)
    settle([Result(message, posted)], now=given.clock(), random=Random(message.pk))  # noqa: S311
    message.refresh_from_db()
    return message
