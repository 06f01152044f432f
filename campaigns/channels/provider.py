"""Mails over a provider's API, by the backends of django-anymail, several at once over kept connections."""

import threading
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from uuid import UUID

from anymail.backends.base_requests import AnymailRequestsBackend
from anymail.exceptions import AnymailAPIError, AnymailError, AnymailNotSupportedWarning
from anymail.message import AnymailMessage

from campaigns.channels.base import EMAIL, Accepted, Deferred, Failed, Message, Receipt
from campaigns.channels.smtp_line import printable
from cdp.common.outbound import Client, open_client
from cdp.common.outbound_requests import NothingSent, guarded_session

HAND_S = 200.0
MOST_WAITS = 3
"""Answers in a row, on one connection, that put a message off: then the others wait too."""
KEPT = ("List-Unsubscribe", "List-Unsubscribe-Post", "Reply-To")
TAKEN = frozenset({"sent", "queued"})
REFUSED = frozenset({"invalid", "rejected", "failed"})
LATER = frozenset({401, 402, 403, 404, 408, 409, 425, 429, 503})
"""Nothing was taken, and not because of this message: the key, the plan, the speed."""


@dataclass(frozen=True)
class Provided:
    backend: type[AnymailRequestsBackend]
    options: Mapping[str, str] = field(repr=False)
    connections: int = 4
    client: Callable[..., Client] = open_client
    hand_s: float = HAND_S
    namespace: str = EMAIL

    def hand(self, messages: Sequence[Message], *, now: datetime) -> Mapping[UUID, Receipt]:
        until = time.monotonic() + self.hand_s
        n = max(1, min(self.connections, len(messages)))
        receipts: dict[UUID, Receipt] = {}
        with self.client(most_connections=n) as client, ThreadPoolExecutor(n) as threads:
            for done in threads.map(lambda at: self._share(messages[at::n], client, until), range(n)):
                receipts |= done
        return receipts

    def _share(self, messages: Sequence[Message], client: Client, until: float) -> dict[UUID, Receipt]:
        backend = self._opened(client)
        receipts: dict[UUID, Receipt] = {}
        waits, why = 0, "There was no time left: the provider is slow."
        for at, message in enumerate(messages):
            if time.monotonic() >= until or waits >= MOST_WAITS:
                return receipts | {one.ref: Deferred(why) for one in messages[at:]}
            receipt = _sent(backend, message)
            if receipt is not None:
                receipts[message.ref] = receipt
            is_put_off = isinstance(receipt, Deferred)
            waits = waits + 1 if is_put_off or receipt is None else 0
            why = receipt.why if isinstance(receipt, Deferred) else "The provider gives no usable answer."
        return receipts

    def _opened(self, client: Client) -> AnymailRequestsBackend:
        with _quiet:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", AnymailNotSupportedWarning)
                backend = self.backend(**self.options, ignore_recipient_status=True, ignore_unsupported_features=True)
        backend.session = guarded_session(client)
        return backend


_quiet = threading.Lock()
"""Filters of warnings are the whole process's."""


def _sent(backend: AnymailRequestsBackend, message: Message) -> Receipt | None:
    """None: not known."""
    mail = mail_of(message)
    try:
        backend.send_messages([mail])
    except AnymailAPIError as error:
        if isinstance(error.__cause__, NothingSent):
            return Deferred(printable(str(error.__cause__)))
        return _refused(error)
    except AnymailError as error:  # it could not even be put into the provider's words
        return Failed(printable(str(error.args[0] if error.args else error)))
    status = mail.anymail_status
    if status.status and status.status <= TAKEN:
        return Accepted(str(status.message_id or "")[:200])
    if status.status and status.status <= REFUSED:
        return Failed(f"The provider refused the address: {', '.join(sorted(status.status))}.")
    return None


def _refused(error: AnymailAPIError) -> Receipt | None:
    """By the answer's status; without one, or with one that says nothing of the message, it is not known."""
    status = error.status_code
    if status is None or status < 300 or status in (500, 502, 504):
        return None
    said = printable(f"{status} {error.response.text if error.response is not None else ''}".strip())
    return Deferred(said) if status in LATER or not 400 <= status < 500 else Failed(said)


def mail_of(message: Message) -> AnymailMessage:
    """Subject and words as they are in the source; our own name of it goes along, so that its webhooks can say it."""
    parsed: EmailMessage = message_from_bytes(message.source, policy=policy.default)
    plain, html = (parsed.get_body((kind,)) for kind in ("plain", "html"))
    mail = AnymailMessage(
        subject=str(parsed["Subject"] or ""),
        body=plain.get_content() if plain else "",
        from_email=str(parsed["From"]),
        to=[message.recipient],
        headers={name: str(parsed[name]) for name in KEPT if parsed[name]},
        metadata={"ref": str(message.ref)},
        track_opens=False,
        track_clicks=False,
    )
    if html:
        mail.attach_alternative(html.get_content(), "text/html")
    return mail
