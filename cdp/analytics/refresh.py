"""Values of everybody anew: a definition, the catalogue or a cut changed. By chunks of people, each its own
transaction, so that live traffic waits for one chunk at most and a crash loses no more than one."""

from collections.abc import Callable, Sequence
from datetime import datetime
from time import monotonic
from zoneinfo import ZoneInfo

from django.db import DatabaseError, connection, transaction

from cdp.analytics import cuts as kept_cuts
from cdp.analytics.follow import can_be_computed
from cdp.analytics.load import Kept, levels, load
from cdp.analytics.models import ComputedTrait
from cdp.analytics.write import by_facts, lock, write
from cdp.common.copying import Cursor
from cdp.common.jobs import Clock
from cdp.profiles.touched import touch_everybody
from cdp.rules.kept_cuts import published
from cdp.rules.tree import Scope

CHUNK = 5_000
Report = Callable[[int, int], None]
"""(people done, people in all)."""


def refresh_fully(trait_ids: Sequence[int], *, clock: Clock, zone: ZoneInfo, report: Report | None = None) -> None:
    """Several at once share the reading of what they have in common. What fails is told by `error`.

    Each chunk is right as of its own moment: with the moment of the beginning it would take back what live traffic
    has found since.
    """
    now = clock()
    before = {row.pk: row.changed_at for row in ComputedTrait.objects.filter(pk__in=trait_ids)}
    wanted = [level for level in (_only(level, trait_ids) for level in levels(load())) if level]
    progress = _Progress(len(wanted), report)
    changed: set[int] = set()
    began = monotonic()
    failed = set(trait_ids) - {one.trait.pk for level in wanted for one in level}
    errors = dict.fromkeys(failed, "Its definition cannot be read any more, or a trait it is made of is off.")
    for level in wanted:
        ids = [one.trait.pk for one in level]
        kept_cuts.publish_missing(level, now=now, zone=zone)
        try:
            changed |= _refresh_level(ids, progress, clock=clock, zone=zone)
        except DatabaseError as error:
            errors |= dict.fromkeys(ids, str(error)[:1000])
    took_ms = round((monotonic() - began) * 1000)
    for trait_id, changed_at in before.items():
        _settle(trait_id, changed_at, errors.get(trait_id, ""), took_ms=took_ms, now=now)
    _tell(changed, now=now)


class _Progress:
    """Of one pass after the other."""

    def __init__(self, passes: int, report: Report | None) -> None:
        self._people = people_in_all()
        self._total = passes * self._people
        self._done = 0
        self._report = report

    def add(self, people: int) -> None:
        self._done = min(self._done + people, self._total)
        if self._report:
            self._report(self._done, self._total)


def people_in_all() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from profiles_profile where merged_into is null")
        return int(cursor.fetchone()[0])


def _only(level: Sequence[Kept], trait_ids: Sequence[int]) -> list[Kept]:
    return [one for one in level if one.trait.pk in set(trait_ids)]


def _refresh_level(trait_ids: Sequence[int], progress: _Progress, *, clock: Clock, zone: ZoneInfo) -> set[int]:
    """Ids of the traits of which any value changed."""
    changed: set[int] = set()
    after = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            lock(cursor)
            ids = _next_people(cursor, after)
            if not ids:
                return changed
            changed |= _refresh_chunk(trait_ids, ids, now=clock(), zone=zone)
        after = ids[-1]
        progress.add(len(ids))


def _next_people(cursor: Cursor, after: int) -> list[int]:
    cursor.execute(
        "select id from profiles_profile where id > %s and merged_into is null order by id limit %s", [after, CHUNK]
    )
    return [row[0] for row in cursor.fetchall()]


def _refresh_chunk(trait_ids: Sequence[int], ids: Sequence[int], *, now: datetime, zone: ZoneInfo) -> set[int]:
    """By the definitions as they are now: whoever changes one meanwhile leaves it stale."""
    kept = _only(load(), trait_ids)
    cuts = published({cut.key: cut for one in kept for cut in one.definition.cuts()})
    ready = [one for one in kept if can_be_computed(one, cuts)]
    scope = Scope(now, ids, zone, cuts)
    return {row.trait_id for facts, group in by_facts(ready) for row in write(facts, group, scope)}


def _settle(trait_id: int, changed_at: datetime, error: str, *, took_ms: int, now: datetime) -> None:
    """A definition that changed meanwhile stays stale. So does not what failed: it waits until somebody changes it."""
    rows = ComputedTrait.objects.filter(pk=trait_id, changed_at=changed_at)
    people = 0 if error else count_people(trait_id)
    rows.update(is_stale=False, error=error, took_ms=took_ms, people=people, **({} if error else {"as_of": now}))


def count_people(trait_id: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from analytics_computedvalue where trait_id = %s"
            " and num_nonnulls(number, text, at, list) > 0",
            [trait_id],
        )
        return int(cursor.fetchone()[0])


def _tell(trait_ids: set[int], *, now: datetime) -> None:
    """Rules are read anew for everybody; traits made of these wait for their own recomputation."""
    if not trait_ids:
        return
    facts = [row.fact for row in ComputedTrait.objects.filter(pk__in=trait_ids)]
    dependents = [
        one.trait.pk
        for one in load()
        if one.trait.pk not in trait_ids and any(one.definition.follows(fact) for fact in facts)
    ]
    with transaction.atomic(), connection.cursor() as cursor:
        ComputedTrait.objects.filter(pk__in=dependents).update(is_stale=True)
        touch_everybody(cursor, facts, now=now)
