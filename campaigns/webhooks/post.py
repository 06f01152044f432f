"""One request to an endpoint, and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from campaigns.models import Endpoint, WebhookMessage
from campaigns.webhooks.sign import headers
from cdp.common.outbound import Client, Limits, OutboundError
from cdp.common.secrets import SecretLost, unseal

LIMITS = Limits(total_s=15.0, connect_s=5.0, most_bytes=2_000, is_cut=True, redirects=0)
"""Redirects are not followed, as the specification wants: an address that moved is to be changed here."""
SHOWN = 500
GONE = 410
LOST = "Its secret was encrypted with a key that is gone. Make a new one."


@dataclass(frozen=True, slots=True)
class Posted:
    """`status` is None where there was no answer; `answer` then says why."""

    status: int | None
    answer: str
    took_s: float = 0.0
    retry_after: str = ""

    @property
    def is_delivered(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def secrets_of(endpoint: Endpoint, *, keys: Sequence[str], now: datetime) -> list[str]:
    """Those that a receiver may know now; none where the key they were encrypted with is gone."""
    sealed = [endpoint.secret]
    if endpoint.old_secret is not None and endpoint.old_until is not None and endpoint.old_until > now:
        sealed.append(endpoint.old_secret)
    try:
        return [unseal(bytes(one), keys=keys) for one in sealed]
    except SecretLost:
        return []


def post(url: str, message: WebhookMessage, *, valid: Sequence[str], client: Client, now: datetime) -> Posted:
    """Signed with the `valid` secrets. Never raises for what the other side does."""
    if not valid:
        return Posted(None, LOST)
    body = message.body.encode()
    signed = headers(valid, webhook_id=message.webhook_id, at=now, body=body)
    try:
        received = client.send("POST", url, headers=signed, body=body, limits=LIMITS)
    except OutboundError as error:
        return Posted(None, str(error)[:SHOWN])
    answer = received.body.decode("utf-8", "replace").replace("\x00", "\ufffd")[:SHOWN]
    return Posted(received.status, answer, received.took_s, received.headers.get("retry-after", ""))
