"""Each trait with the word that won and why, and what other records say about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cdp.profiles.models import Record
from cdp.profiles.reasons import why
from cdp.profiles.survivorship import Rules, pick, words_of

GONE = "a source that was removed"


@dataclass(frozen=True)
class Word:
    value: Any
    at: datetime
    source: str
    record: Record


@dataclass(frozen=True)
class Opinion:
    """A trait: the winning word, why it won, and the others, newest first."""

    name: str
    won: Word
    why: str
    others: list[Word] = field(default_factory=list)

    @property
    def is_disputed(self) -> bool:
        return any(other.value != self.won.value for other in self.others)


def opinions(records: Sequence[Record], *, sources: Mapping[int, str], rules: Rules | None) -> list[Opinion]:
    """`sources`: names by id."""
    ruling = rules or Rules()
    of = {record.pk: record for record in records}
    found = []
    said = words_of(((record.pk, record.source_id, record.traits) for record in records), ruling)
    for name, words in sorted(said.items()):
        winner = pick(words, ruling.of(name), ruling)
        if winner is None:
            continue
        spoken = {word.record_id: _word(word.value, word.at, of[word.record_id], sources) for word in words}
        del spoken[winner.record_id]
        reason = why(words, winner, rule=ruling.of(name), rules=ruling, names=sources)
        others = sorted(spoken.values(), key=lambda word: word.at, reverse=True)
        found.append(Opinion(name, _word(winner.value, winner.at, of[winner.record_id], sources), reason, others))
    return found


def _word(value: Any, at: str, record: Record, sources: Mapping[int, str]) -> Word:
    return Word(value, moment(at), sources.get(record.source_id, GONE), record)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
