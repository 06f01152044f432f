"""Keeps the values right: for the people of whom something changed, and for those whose time has come."""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import DataError, transaction

from cdp.analytics.load import Kept, levels, load
from cdp.analytics.models import ComputedTrait
from cdp.analytics.write import as_news, by_facts, lock, write
from cdp.common.copying import Cursor
from cdp.profiles.touched import EVERYBODY
from cdp.rules.kept_cuts import published
from cdp.rules.tree import Cut, Scope

MOST_DUE = 20_000
"""Values looked at in one call because their time has come; what is left follows with the next call."""
FRESH = timedelta(minutes=1)
"""So often the pages are told how fresh the values are."""
REGROUPED = frozenset({"merge", "unmerge"})
log = logging.getLogger(__name__)
Touched = Mapping[int, Collection[str]]
News = dict[int, set[str]]


def follow(cursor: Cursor, touched: Touched, *, now: datetime, zone: ZoneInfo) -> News:
    """Recomputes what depends on the facts that changed, for the people they changed of, and what is due by now.

    `touched`: profile id → names of facts, `merge` or `unmerge`; of EVERYBODY the traits concerned wait for their full
    recomputation. Returns whose values changed: profile id → `computed:<key>`. Inside the caller's transaction.
    """
    kept = load()
    if not kept:
        return {}
    lock(cursor)
    if names := touched.get(EVERYBODY):
        mark_stale(kept, names)
    cuts = published({cut.key: cut for one in kept for cut in one.definition.cuts()})
    news: News = {}
    wanted = _wanted(kept, touched)
    for trait_id, ids in _due(cursor, now).items():
        wanted[trait_id] |= ids
    for level in levels(kept):
        for trait_id, ids in _wanted(level, news).items():
            wanted[trait_id] |= ids
        _write_level(level, wanted, news, scope=Scope(now, zone=zone, cuts=cuts))
    _note_fresh(kept, now)
    return news


def mark_stale(kept: Iterable[Kept], names: Collection[str]) -> None:
    """Those that follow one of the facts need a full recomputation. That of a trait itself marks those made of it."""
    others = [name for name in names if not name.startswith("computed:")]
    ids = [one.trait.pk for one in kept if any(one.definition.follows(name) for name in others)]
    ComputedTrait.objects.filter(pk__in=ids, is_stale=False).update(is_stale=True)


def can_be_computed(one: Kept, cuts: Mapping[str, Cut]) -> bool:
    """A band has no value before its cuts are measured over people who have the number."""
    return all(cut.key in cuts and cuts[cut.key].value is not None for cut in one.definition.cuts())


def _wanted(kept: Iterable[Kept], touched: Touched) -> dict[int, set[int]]:
    """Trait id → whose values may have changed. Most people are touched by one of a few sets of facts."""
    listed = list(kept)
    people: dict[frozenset[str], list[int]] = defaultdict(list)
    for profile_id, names in touched.items():
        if profile_id != EVERYBODY:
            people[frozenset(names)].append(profile_id)
    found: dict[int, set[int]] = defaultdict(set)
    for names, ids in people.items():
        for one in listed:
            if names & REGROUPED or any(one.definition.follows(name) for name in names):
                found[one.trait.pk].update(ids)
    return found


def _due(cursor: Cursor, now: datetime) -> dict[int, set[int]]:
    cursor.execute(
        "select trait_id, profile_id from analytics_computedvalue where due_at <= %s order by due_at limit %s",
        [now, MOST_DUE],
    )
    found: dict[int, set[int]] = defaultdict(set)
    for trait_id, profile_id in cursor.fetchall():
        found[trait_id].add(profile_id)
    return found


def _write_level(level: Iterable[Kept], wanted: Mapping[int, set[int]], news: News, *, scope: Scope) -> None:
    """What shares its facts is written together, for all that any of it is wanted for."""
    ready = [
        one for one in level if wanted.get(one.trait.pk) and not one.trait.error and can_be_computed(one, scope.cuts)
    ]
    keys = {one.trait.pk: one.trait.key for one in ready}
    for facts, group in by_facts(ready):
        ids = sorted(set().union(*(wanted[one.trait.pk] for one in group)))
        try:
            with transaction.atomic():
                changed = write(facts, group, Scope(scope.now, ids, scope.zone, scope.cuts))
        except DataError as error:
            _fail(group, error)
        else:
            as_news(changed, keys, news)


def _fail(kept: Sequence[Kept], error: DataError) -> None:
    """What cannot be computed of some people (a number too large) holds up nothing else: it rests until its
    definition is changed or it is recomputed fully."""
    ids = [one.trait.pk for one in kept]
    log.warning("Computed traits %s could not be followed: %s", ids, error)
    ComputedTrait.objects.filter(pk__in=ids).update(error=str(error)[:1000])


def _note_fresh(kept: Iterable[Kept], now: datetime) -> None:
    ids = [one.trait.pk for one in kept if one.trait.as_of and now - one.trait.as_of >= FRESH]
    if ids:
        ComputedTrait.objects.filter(pk__in=ids).update(as_of=now)
