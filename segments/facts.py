"""What changed, and why memberships follow it. Facts that a segment cannot follow now wait in its own queue."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from cdp.common.copying import Cursor, copy_rows
from cdp.profiles.touched import EVERYBODY
from segments.models import Cause

MERGE, UNMERGE, NEW = "merge", "unmerge", "@new"
"""In place of a fact's name: any rule may answer differently for a profile that was merged, parted, or is new."""
ALWAYS = frozenset({MERGE, UNMERGE, NEW})

Facts = dict[str, dict[int, Cause]]
"""Name of the fact that changed → profile id → cause."""
_RANK = {cause: rank for rank, cause in enumerate(Cause)}


def read(claimed: Iterable[tuple[int, bool, Sequence[str]]]) -> Facts:
    facts: Facts = {}
    for profile_id, is_new, names in claimed:
        for name in names:
            facts.setdefault(name, {})[profile_id] = cause_of(name)
        if is_new:
            facts.setdefault(NEW, {})[profile_id] = first([cause_of(name) for name in names] or [Cause.TRAIT])
    return facts


def cause_of(name: str) -> Cause:
    if name in (MERGE, UNMERGE):
        return Cause(name)
    return Cause.EVENT if name.startswith("event:") else Cause.TRAIT


def first(causes: Iterable[Cause]) -> Cause:
    """Of several causes the one that triggers react to."""
    return min(causes, key=_RANK.__getitem__)


def add(facts: Facts, profile_id: int, name: str, cause: Cause) -> None:
    known = facts.setdefault(name, {})
    known[profile_id] = first((cause, known.get(profile_id, cause)))


def causes(facts: Facts, names: Iterable[str]) -> dict[int, Cause]:
    """Profile id → cause, of those about whom a fact of these names changed."""
    found: dict[int, Cause] = {}
    for name in names:
        for profile_id, cause in facts.get(name, {}).items():
            known = found.get(profile_id)
            found[profile_id] = cause if known is None else first((cause, known))
    return found


def of_everybody(facts: Facts) -> set[str]:
    """Takes out the names of the facts that changed for everybody."""
    return {name for name, profiles in facts.items() if profiles.pop(EVERYBODY, None) is not None}


def set_aside(cursor: Cursor, facts: Mapping[int, Facts], *, now: datetime) -> None:
    """By segment: it takes them when it is next followed."""
    rows = [
        (own_queue(segment_id), profile_id, json.dumps({name: cause.value}), now)
        for segment_id, waiting in facts.items()
        for name, profiles in waiting.items()
        for profile_id, cause in profiles.items()
    ]
    copy_rows(cursor, "profiles_touched", ("reader", "profile_id", "names", "at"), rows)


def claim_aside(cursor: Cursor, segment_ids: Iterable[int]) -> dict[int, Facts]:
    cursor.execute(
        "delete from profiles_touched where reader = any(%s) returning reader, profile_id, names::text",
        [[own_queue(segment_id) for segment_id in segment_ids]],
    )
    found: dict[int, Facts] = {}
    for reader, profile_id, names in cursor.fetchall():
        waiting = found.setdefault(int(reader.removeprefix(_QUEUE)), {})
        for name, cause in json.loads(names).items():
            add(waiting, profile_id, name, Cause(cause))
    return found


_QUEUE = "segment:"


def own_queue(segment_id: int) -> str:
    return f"{_QUEUE}{segment_id}"
