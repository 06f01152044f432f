"""A channel takes ready messages and says what became of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID

EMAIL = "email"


class Message(NamedTuple):
    """`source` is the complete MIME message with CRLF line ends."""

    ref: UUID
    profile_id: int
    record_id: int | None
    recipient: str
    subject: str
    source: bytes
    campaign_id: int | None = None
    test_note: str = ""
    """Of a test, as whom it was made and through which branches; empty: no test."""


@dataclass(frozen=True)
class Accepted:
    remote_id: str = ""
    """What the provider calls it; empty where it says nothing."""


@dataclass(frozen=True)
class Failed:
    """It will never be taken as it is."""

    why: str
    is_bounce: bool = False
    """Because the address takes no mail, not because of this message: as good as a bounce."""


@dataclass(frozen=True)
class Deferred:
    """It was not taken now, for certain, and may be tried again later."""

    why: str


Receipt = Accepted | Failed | Deferred


class Channel(Protocol):
    @property
    def namespace(self) -> str:
        """Of the identifiers it writes to: email; later phone, or the token of a device."""

    def hand(self, messages: Sequence[Message], *, now: datetime) -> Mapping[UUID, Receipt]:
        """Hands over; a message without a receipt counts as unknown."""
