"""Segment-shaped messages of one person, with ids that are the same in every run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

WEB, SHOP, CRM = "web", "shop", "crm"


class Fact(NamedTuple):
    """One message on its way to a source."""

    at: datetime
    source: str
    message: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Who:
    """Whom a message names."""

    user_id: str = ""
    anonymous_id: str = ""

    @property
    def key(self) -> str:
        """The record the message belongs to."""
        return f"user:{self.user_id}" if self.user_id else f"anon:{self.anonymous_id}"

    def name(self, message: dict[str, Any]) -> None:
        """Writes the ids into the message."""
        if self.user_id:
            message["userId"] = self.user_id
        if self.anonymous_id:
            message["anonymousId"] = self.anonymous_id

    def is_named_by(self, message: Mapping[str, Any]) -> bool:
        if self.user_id:
            return message.get("userId") == self.user_id
        return "userId" not in message and message.get("anonymousId") == self.anonymous_id


@dataclass(slots=True)
class Voice:
    """Collects what is said by and about a person; later than `until` nothing is heard."""

    prefix: str
    until: datetime
    facts: list[Fact] = field(default_factory=list)
    records: set[tuple[str, str]] = field(default_factory=set)
    """(source, record key) of everything said: the truth about who is who."""

    def track(self, source: str, who: Who, name: str, at: datetime, properties: Mapping[str, Any]) -> None:
        self._say(source, who, at, {"type": "track", "event": name, "properties": dict(properties)})

    def identify(self, source: str, who: Who, at: datetime, traits: Mapping[str, Any], context: Any = None) -> None:
        body: dict[str, Any] = {"type": "identify", "traits": dict(traits)}
        if context:
            body["context"] = context
        self._say(source, who, at, body)

    def say(self, source: str, who: Who, at: datetime, body: Mapping[str, Any]) -> None:
        """A whole message; `body` has everything but ids and time."""
        self._say(source, who, at, dict(body))

    def _say(self, source: str, who: Who, at: datetime, body: dict[str, Any]) -> None:
        if at > self.until:
            return
        self.records.add((source, who.key))
        who.name(body)
        body["messageId"] = f"{self.prefix}-{len(self.facts)}"
        body["timestamp"] = iso(at)
        self.facts.append(Fact(at, source, body))


def iso(at: datetime) -> str:
    """A time that is already in UTC."""
    return at.isoformat(timespec="milliseconds")[:-6] + "Z"
