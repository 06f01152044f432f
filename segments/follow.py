"""Takes what changed, and the time that passed, through live segments in order, many in each statement."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from segments import difference
from segments.difference import Change
from segments.facts import ALWAYS, Facts, add, causes
from segments.live import Live, levels
from segments.models import Cause
from segments.together import Together

LONGEST_SPAN = timedelta(minutes=1)
"""After so long without a change `as_of` moves on, so that the page says how fresh the segments are."""

Why = dict[int, Cause]
"""Profiles whose answer may be another now, and what did it."""


def follow(segments: Sequence[Live], facts: Facts, waiting: Mapping[int, Facts], *, ask: Together) -> None:
    """`facts` gains what these segments tell the segments built on them; `waiting` is what was laid aside for each."""
    crossed = ask.crossed(segments)
    changes: list[Change] = []
    moved = bool(crossed)
    for level in levels(segments):
        whys = {one: _why(one, facts, waiting, crossed) for one in level if one.id not in ask.failed}
        whys = {one: why for one, why in whys.items() if why}
        moved = moved or bool(whys)
        found = _differences(whys, ask) if whys else []
        difference.apply(ask.cursor, found)
        for one in found:
            add(facts, one.profile_id, f"segment:{one.segment_id}", one.cause)
        changes += found
    right = [one for one in segments if one.id not in ask.failed]
    if moved or any(_is_behind(one, ask) for one in right):
        difference.note(ask.cursor, changes, segment_ids=[one.id for one in right], now=ask.scope.now)


def _why(segment: Live, facts: Facts, waiting: Mapping[int, Facts], crossed: Mapping[int, set[int]]) -> Why:
    names = segment.depends | ALWAYS
    found = dict.fromkeys(crossed.get(segment.id, ()), Cause.TIME)
    for changed in (waiting.get(segment.id, {}), facts):
        found.update(causes(changed, names))
    return found


def _differences(whys: Mapping[Live, Why], ask: Together) -> list[Change]:
    members = ask.members(whys)
    asked = {one: why for one, why in whys.items() if one.id not in ask.failed}
    if not asked:
        return []
    since = difference.current(ask.cursor, {one.id: why.keys() for one, why in asked.items()})
    found = []
    for one, why in asked.items():
        at = ask.now_of(one)
        for profile_id, cause in sorted(why.items()):
            pair = (one.id, profile_id)
            if (pair in members) != (pair in since):
                found.append(Change(one.id, profile_id, pair in members, cause, at, since.get(pair)))
    return found


def _is_behind(segment: Live, ask: Together) -> bool:
    return segment.as_of is None or ask.scope.now - segment.as_of >= LONGEST_SPAN
