"""Which record's word becomes the profile's trait. Pure functions over records' traits."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

RecordTraits = Mapping[str, tuple[Any, str]]
"""Trait → (value, ISO time it was said in UTC): ISO times of one form compare as text."""


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
