"""What a batch of messages says about one record, gathered before anything is written."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Edge = tuple[str, str]
"""(namespace, value) of an identifier."""


@dataclass(slots=True)
class Said:
    """A trait's value, when it was said and by which message."""

    value: Any
    at: datetime
    cause: str

    @property
    def is_import(self) -> bool:
        return self.cause.startswith("import:")


@dataclass(slots=True)
class Sighting:
    """One record as a batch of messages saw it. `edges` maps an identifier to its first time."""

    source_id: int
    key: str
    first_at: datetime
    last_at: datetime
    edges: dict[Edge, datetime] = field(default_factory=dict)
    traits: dict[str, Said] = field(default_factory=dict)
    passed: list[tuple[str, Said]] = field(default_factory=list)
    """Words that others of the same batch outdid: they count again if those are rolled back."""
    record_id: int = 0
    profile_id: int = 0
    changed: set[str] = field(default_factory=set)
    """Traits of which the record has another value now than before."""
    known_since: datetime | None = None
    is_linked_anew: bool = False
    """Whether it brought its person an identifier."""
    is_seen: bool = False
    """Whether any of the messages is something the person did, or somebody learned of them; else only of a notice."""

    def see(self, at: datetime) -> None:
        if at < self.first_at:
            self.first_at = at
        elif at > self.last_at:
            self.last_at = at

    def link(self, edge: Edge, at: datetime) -> None:
        known = self.edges.get(edge)
        if known is None or at < known:
            self.edges[edge] = at

    def say(self, name: str, said: Said) -> None:
        known = self.traits.get(name)
        if known is None:
            self.traits[name] = said
            return
        newer, older = (said, known) if is_newer(said.value, said.at, known.value, known.at) else (known, said)
        self.traits[name] = newer
        if older.value != newer.value or older.is_import or newer.is_import:
            self.passed.append((name, older))


def is_newer(value: Any, at: datetime, than: Any, than_at: datetime) -> bool:
    """Later wins; of two values said at the same instant the larger text, so that order never matters."""
    return at > than_at or (at == than_at and repr(value) > repr(than))
