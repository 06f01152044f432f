"""A channel takes ready messages and says what became of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True)
class Message:
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
    pass


@dataclass(frozen=True)
class Failed:
    why: str


Receipt = Accepted | Failed


class Channel(Protocol):
    def hand(self, messages: Sequence[Message], *, now: datetime) -> Mapping[UUID, Receipt]:
        """Hands over; a message without a receipt counts as unknown."""
