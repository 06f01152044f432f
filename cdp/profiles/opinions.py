"""Each trait with the word that won, and what other records say about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cdp.profiles.models import Record
from cdp.profiles.survivorship import golden

GONE = "a source that was removed"


@dataclass(frozen=True)
class Word:
    value: Any
    at: datetime
    source: str
    record: Record


@dataclass(frozen=True)
class Opinion:
    """A trait: the winning word, and the others, newest first."""

    name: str
    won: Word
    others: list[Word] = field(default_factory=list)

    @property
    def is_disputed(self) -> bool:
        return any(other.value != self.won.value for other in self.others)


def opinions(records: Sequence[Record], *, sources: Mapping[int, str]) -> list[Opinion]:
    of = {record.pk: record for record in records}
    found = []
    for name, winner in sorted(golden((record.pk, record.traits) for record in records).items()):
        words = [
            Word(value, moment(at), sources.get(record.source_id, GONE), record)
            for record in records
            for trait, (value, at) in record.traits.items()
            if trait == name
        ]
        won = next(word for word in words if word.record is of[winner.record_id])
        others = sorted((word for word in words if word is not won), key=lambda word: word.at, reverse=True)
        found.append(Opinion(name, won, others))
    return found


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
