"""Which record's word becomes the profile's trait. Pure functions over records' traits.

Without rules the most recent word counts. A rule chooses another strategy for one trait, or for all that have no
rule of their own. Under every strategy Tributary's own word (a steward's correction, or what the API is told
without a source) sets aside what was said before it; what is said after it competes with it.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

RecordTraits = Mapping[str, tuple[Any, str]]
"""Trait → (value, ISO time it was said in UTC): ISO times of one form compare as text."""
EVERY = "*"
"""In place of a trait's name: all traits without a rule of their own."""
LEAST_TRUSTED = 1_000_000


class Strategy(StrEnum):
    RECENT = "recent"
    RANK = "rank"
    FREQUENT = "frequent"
    LONGEST = "longest"
    VERIFIED = "verified"
    UNION = "union"


@dataclass(frozen=True, slots=True)
class Rule:
    """`sources`: the order of trust for RANK, the sources whose word counts as verified for VERIFIED."""

    strategy: Strategy = Strategy.RECENT
    sources: tuple[int, ...] = ()


@dataclass(frozen=True)
class Rules:
    """`ranks`: source → trust rank, lower is trusted more. `ours`: Tributary's own source, once there is one."""

    by_trait: Mapping[str, Rule] = field(default_factory=dict)
    ranks: Mapping[int, int] = field(default_factory=dict)
    ours: int | None = None

    def of(self, trait: str) -> Rule:
        return self.by_trait.get(trait) or self.by_trait.get(EVERY) or Rule()


@dataclass(frozen=True, slots=True)
class Word:
    """What one record says of one trait; None withdraws what it said before."""

    value: Any
    at: str
    record_id: int
    source_id: int = 0
    is_verified: bool = False

    @property
    def newness(self) -> tuple[str, str, int]:
        """At the same instant the larger value, then the older record: so that order never matters."""
        return self.at, repr(self.value), -self.record_id


@dataclass(frozen=True, slots=True)
class Winner:
    value: Any
    at: str
    record_id: int


def golden(records: Iterable[tuple[int, RecordTraits]]) -> dict[str, Winner]:
    """The most recent word on each trait; at the same instant the larger value, then the older record."""
    best: dict[str, Winner] = {}
    for record_id, traits in sorted(records, key=lambda one: one[0]):
        for name, (value, at) in traits.items():
            known = best.get(name)
            if known is None or (at, repr(value)) > (known.at, repr(known.value)):
                best[name] = Winner(value=value, at=at, record_id=record_id)
    return {name: winner for name, winner in best.items() if winner.value is not None}


def survivors(records: Sequence[tuple[int, int, RecordTraits]], rules: Rules | None) -> dict[str, Winner]:
    """The golden traits of one person, whose records are (id, source id, traits)."""
    if rules is None:
        return golden((record_id, traits) for record_id, _, traits in records)
    found = {name: pick(words, rules.of(name), rules) for name, words in words_of(records, rules).items()}
    return {name: winner for name, winner in found.items() if winner is not None}


def words_of(records: Iterable[tuple[int, int, RecordTraits]], rules: Rules) -> dict[str, list[Word]]:
    """What all records say, trait by trait."""
    found: dict[str, list[Word]] = {}
    for record_id, source_id, traits in records:
        for name, (value, at) in traits.items():
            rule = rules.of(name)
            is_verified = rule.strategy is Strategy.VERIFIED and (
                source_id in rule.sources or _says_verified(name, at, traits)
            )
            found.setdefault(name, []).append(Word(value, at, record_id, source_id, is_verified))
    return found


def _says_verified(name: str, at: str, traits: RecordTraits) -> bool:
    """`email_verified` or `emailVerified` is true in the same record, and not said before the e-mail itself."""
    siblings = (traits.get(f"{name}_verified"), traits.get(f"{name}Verified"))
    return any(said is not None and said[0] is True and said[1] >= at for said in siblings)


def pick(words: Sequence[Word], rule: Rule, rules: Rules) -> Winner | None:
    """The word that counts; None where nothing is left to say."""
    if rule.strategy is Strategy.RECENT:
        newest = max(words, key=lambda word: word.newness)
        return None if newest.value is None else Winner(newest.value, newest.at, newest.record_id)
    said = [word for word in standing(words, rules) if word.value is not None]
    if not said:
        return None
    merit = _merit(said, words, rule, rules)
    best = max(said, key=lambda word: (merit(word), word.newness))
    return Winner(union(said) if rule.strategy is Strategy.UNION else best.value, best.at, best.record_id)


def standing(words: Sequence[Word], rules: Rules) -> list[Word]:
    """What competes: all, or from our own newest word on."""
    ours = own_word(words, rules)
    return list(words) if ours is None else [word for word in words if word is ours or word.newness > ours.newness]


def own_word(words: Sequence[Word], rules: Rules) -> Word | None:
    return max((word for word in words if word.source_id == rules.ours), key=lambda word: word.newness, default=None)


def _merit(said: Sequence[Word], words: Sequence[Word], rule: Rule, rules: Rules) -> Callable[[Word], int]:
    """How much speaks for a word by the strategy alone; what is equal is decided by time."""
    match rule.strategy:
        case Strategy.RANK:
            return lambda word: -place(word, words, rule, rules)
        case Strategy.FREQUENT:
            counts = Counter(canonical(word.value) for word in said)
            return lambda word: counts[canonical(word.value)]
        case Strategy.LONGEST:
            return lambda word: len(text(word.value))
        case Strategy.VERIFIED:
            return lambda word: int(word.is_verified)
        case _:
            return lambda word: 0


def place(word: Word, words: Sequence[Word], rule: Rule, rules: Rules) -> int:
    """Sources the rule names come first, in its order; the others after them by their trust rank. Our own word
    stands in the place of the best word it set aside: a correction then yields to a newer word of that source, and
    to no lesser one."""
    if word.source_id == rules.ours:
        set_aside = [other for other in words if other.source_id != rules.ours and other.newness <= word.newness]
        if set_aside:
            return min(_place_of(other.source_id, rule, rules) for other in set_aside)
    return _place_of(word.source_id, rule, rules)


def _place_of(source_id: int, rule: Rule, rules: Rules) -> int:
    if source_id in rule.sources:
        return rule.sources.index(source_id)
    return len(rule.sources) + rules.ranks.get(source_id, LEAST_TRUSTED)


def union(words: Iterable[Word]) -> list[Any]:
    """Each different value once, in the order of time; a list counts as its values."""
    found: dict[str, Any] = {}
    for word in sorted(words, key=lambda word: word.newness):
        for value in word.value if isinstance(word.value, list) else [word.value]:
            found.setdefault(canonical(value), value)
    return list(found.values())


def text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
