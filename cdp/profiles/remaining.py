"""What a record says of a trait once some of its words are withdrawn. Pure."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

Spoken = tuple[Any, str]
"""(value, ISO time it was said), as records keep it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A word in the ledger, and the one it replaced when it came, if it did."""

    value: Any
    at: str
    is_withdrawn: bool
    replaced: Spoken | None = None


def remaining(current: Spoken | None, entries: Iterable[Entry]) -> Spoken | None:
    """The newest word that was not withdrawn; None if none is left.

    A source that repeats itself leaves no entry of its own: its latest repetition stands in `current`, or in
    `replaced` of the entry after it. So these count too, unless they are the very words that were withdrawn, and were
    first said by one of the entries.
    """
    entries = list(entries)
    kept = {_key((one.value, one.at)) for one in entries if not one.is_withdrawn}
    first = {_key((one.value, one.at)) for one in entries if not _is_said_again(one)}
    gone = {_key((one.value, one.at)) for one in entries if one.is_withdrawn} - kept
    gone &= first
    found = [(one.value, one.at) for one in entries if not one.is_withdrawn]
    found += [one.replaced for one in entries if one.replaced is not None]
    if current is not None:
        found.append(current)
    left = [word for word in found if _key(word) not in gone]
    return max(left, key=lambda word: (word[1], repr(word[0])), default=None)


def _is_said_again(entry: Entry) -> bool:
    return entry.replaced is not None and _key(entry.replaced) == _key((entry.value, entry.at))


def _key(word: Spoken) -> tuple[str, str]:
    return json.dumps(word[0], sort_keys=True), word[1]
