"""A campaign's messages posted to an address as JSON: for whoever delivers them with a system of their own.

The delivery's reference is the `webhook-id`, the same in every attempt, and a receiver leaves out what it has seen, as
Standard Webhooks asks of it. So a message of which nobody knows whether it arrived is posted once more at once; what
is unknown after that is settled by the policy, and sending it again is as safe.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any
from uuid import UUID

from campaigns.channels.base import EMAIL, Accepted, Deferred, Failed, Message, Receipt
from campaigns.channels.kinds import BadSettings, Field, Input, Kind, Secrets, Settings
from campaigns.models import Campaign, Delivery
from campaigns.webhooks.address import address_problem
from campaigns.webhooks.people import said_people
from campaigns.webhooks.sign import BadSecret, checked_secret, headers
from cdp.common.clock import utc_now
from cdp.common.outbound import (
    Client,
    Limits,
    OutboundFailed,
    OutboundRefused,
    Received,
    open_client,
    policy_by_settings,
)

TYPE = "message.send"
HAND_S = 120.0
LIMITS = Limits(total_s=15.0, connect_s=5.0, most_bytes=2_000, is_cut=True, redirects=0)
MOST_WAITS = 3
"""Answers in a row, of one thread, that put a message off or say nothing of it: then the others wait too."""
LATER = frozenset({401, 402, 403, 404, 408, 409, 410, 425, 429, 503})
"""Nothing was taken, and not because of this message."""
UNKNOWN = frozenset({500, 502, 504})
SLOW = "There was no time left: the address is slow."


@dataclass(frozen=True)
class Webhook:
    url: str
    secret: str = field(repr=False)
    connections: int = 8
    client: Callable[..., Client] = open_client
    clock: Callable[[], datetime] = utc_now
    hand_s: float = HAND_S
    namespace: str = EMAIL

    def hand(self, messages: Sequence[Message], *, now: datetime) -> Mapping[UUID, Receipt]:
        bodies = _bodies(messages, now=now)
        until = time.monotonic() + self.hand_s
        n = max(1, min(self.connections, len(messages)))
        receipts: dict[UUID, Receipt] = {}
        with self.client(most_connections=n) as client, ThreadPoolExecutor(n) as threads:
            for done in threads.map(lambda at: self._share(messages[at::n], bodies, client, until), range(n)):
                receipts |= done
        return receipts

    def _share(
        self, messages: Sequence[Message], bodies: Mapping[UUID, bytes], client: Client, until: float
    ) -> dict[UUID, Receipt]:
        receipts: dict[UUID, Receipt] = {}
        waits, why = 0, SLOW
        for at, message in enumerate(messages):
            if time.monotonic() >= until or waits >= MOST_WAITS:
                return receipts | {one.ref: Deferred(why) for one in messages[at:]}
            receipt = self._posted(client, message.ref, bodies[message.ref])
            if receipt is not None:
                receipts[message.ref] = receipt
            waits = waits + 1 if receipt is None or isinstance(receipt, Deferred) else 0
            why = receipt.why if isinstance(receipt, Deferred) else "The address gives no usable answer."
        return receipts

    def _posted(self, client: Client, ref: UUID, body: bytes) -> Receipt | None:
        """None: not known, also after the second attempt."""
        return self._once(client, ref, body) or self._once(client, ref, body)

    def _once(self, client: Client, ref: UUID, body: bytes) -> Receipt | None:
        signed = headers([self.secret], webhook_id=str(ref), at=self.clock(), body=body)
        try:
            return _receipt(client.send("POST", self.url, headers=signed, body=body, limits=LIMITS))
        except OutboundRefused as error:
            return Deferred(str(error))
        except OutboundFailed as error:
            return Deferred(str(error)) if error.is_unsent or error.permanent else None


def _receipt(received: Received) -> Receipt | None:
    status = received.status
    if 200 <= status < 300:
        return Accepted()
    if status in UNKNOWN:
        return None
    text = "".join(char if char.isprintable() else " " for char in received.body.decode("utf-8", "replace")[:500])
    said = f"{status} {text}".strip()
    return Failed(said) if 400 <= status < 500 and status not in LATER else Deferred(said)


def _bodies(messages: Sequence[Message], *, now: datetime) -> dict[UUID, bytes]:
    """What a receiver needs to deliver each, made for all of them at once."""
    people = said_people(one.profile_id for one in messages)
    names = dict(Campaign.objects.filter(pk__in={one.campaign_id for one in messages}).values_list("pk", "name"))
    rows = Delivery.objects.filter(ref__in=[one.ref for one in messages]).values_list("ref", "variant", "branches")
    chosen = {ref: (variant, branches) for ref, variant, branches in rows}
    at = now.astimezone(UTC).isoformat().replace("+00:00", "Z")
    found = {}
    for one in messages:
        variant, branches = chosen.get(one.ref, (0, {}))
        campaign = {"id": one.campaign_id, "name": names.get(one.campaign_id, "")} if one.campaign_id else None
        data = {
            "ref": str(one.ref),
            "profile": people.get(one.profile_id),
            "address": one.recipient,
            "campaign": campaign,
            "variant": variant,
            "branches": branches,
            "is_test": bool(one.test_note),
            **_content(one),
        }
        found[one.ref] = json.dumps({"type": TYPE, "timestamp": at, "data": data}, ensure_ascii=False).encode(
            "utf-8", "replace"
        )
    return found


def _content(message: Message) -> dict[str, Any]:
    """As it stands in the mail that was made for this person."""
    parsed: EmailMessage = message_from_bytes(message.source, policy=policy.default)
    plain, html = (parsed.get_body((kind,)) for kind in ("plain", "html"))
    return {
        "sender": str(parsed["From"] or ""),
        "subject": message.subject,
        "html": html.get_content() if html else "",
        "text": plain.get_content() if plain else "",
        "list_unsubscribe": str(parsed["List-Unsubscribe"] or ""),
    }


def _open(settings: Settings, secrets: Secrets) -> Webhook:
    url = str(settings.get("url", ""))
    if problem := address_problem(url, policy=policy_by_settings()):
        raise BadSettings(problem)
    try:
        secret = checked_secret(secrets.get("secret", ""))
    except BadSecret as error:
        raise BadSettings(str(error)) from error
    return Webhook(url, secret, int(settings.get("connections", 8)))


WEBHOOK = Kind(
    "webhook",
    "Webhook",
    "Each message is posted as JSON to an address of yours, where a system of your own delivers it.",
    (
        Field("url", "Address", "Takes POST and answers 2xx once it has the message: https://mail.example.com/take"),
        Field(
            "secret",
            "Signing secret",
            "Shared with the receiver: whsec_ and 24 to 64 random bytes in base64, as in Standard Webhooks.",
            Input.SECRET,
        ),
        Field("connections", "Requests at once", input=Input.NUMBER, initial=8, least=1, most=32),
    ),
    _open,
    signs=True,
)
